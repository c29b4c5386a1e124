using System.Buffers;
using System.Net;
using Framing.Binary;
using Iocp.Core;

namespace Samples;

/// <summary>Answers every order with its payload and the kind that follows (1 after 99); what an order looks like, it reads from a file.</summary>
public sealed class LayoutServer(HeaderLayout layout) : IFrameHandler
{
    private readonly LayoutReader _reader = new(layout);
    private readonly LayoutEncoder _encoder = new(layout);

    public static FrameServer Create(IPEndPoint endPoint, string layoutFile)
    {
        HeaderLayout layout = HeaderLayout.FromJson(File.ReadAllBytes(layoutFile));
        return new FrameServer(new FrameServerOptions
        {
            Listeners = { new ListenerOptions { EndPoint = endPoint, Framing = new LayoutFraming(layout) } },
            Handler = new LayoutServer(layout),
        });
    }

    public void OnFrame(Connection connection, Frame frame)
    {
        Int128 kind = _reader.Read(frame.Bytes, "Kind");
        ArrayBufferWriter<byte> answer = new();
        _encoder.Write(answer, frame.Bytes[layout.HeaderSize..], ("Kind", (kind % 99) + 1));     // magic number and length are worked out
        connection.Send(answer.WrittenSpan);
    }
}
