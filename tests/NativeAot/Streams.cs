using System.Reflection;
using System.Text;
using Framing.Binary;
using Framing.Xml;
using Iocp.Core;
using Orders;

namespace Framing.NativeAot;

/// <summary>Each framing whose frames may go back as they came, and a stream of three frames.</summary>
internal static class Streams
{
    private static readonly byte[] s_packet = [3, 0, 0, 0, 1, 0, 0, 0, 3, 0, 7, 0, .. "abc"u8];
    private static readonly byte[] s_order = [0x4F, 0x48, 0, 7, 0, 0, 0, 11, .. "abc"u8];

    public static IEnumerable<(IFraming Framing, byte[] Stream)> All =>
    [
        (BinaryFraming.Create(), Thrice(s_packet)),
        (new MessageFraming(new BinaryFramingOptions { MaxMessageLength = 1 << 20 }), Thrice(s_packet)),
        (new PacketFraming<OrderHead>(), Thrice(s_order)),
        (new LayoutFraming(HeaderLayout.FromJson(Resource("orders.json"))), Thrice(s_order)),
        (new FixedSizeFraming(5), Thrice("abcde"u8)),
        (XmlFraming.Document(), Thrice(Encoding.UTF8.GetBytes("<a b='c'><d>é</d><!-- --></a>"))),
        (XmlFraming.RawChunk(), Thrice("<a"u8)),
    ];

    private static byte[] Thrice(ReadOnlySpan<byte> frame) => [.. frame, .. frame, .. frame];

    private static byte[] Resource(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
