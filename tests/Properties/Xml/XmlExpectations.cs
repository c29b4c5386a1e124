using System.Text;
using Framing.Properties.Decoding;
using Framing.Properties.Generators;
using Framing.Testing;
using Framing.Xml;
using Iocp.Core;
using Xunit;

namespace Framing.Properties.Xml;

/// <summary>What a stream must come to, in one read and in single bytes.</summary>
internal static class XmlExpectations
{
    public static void Frames(string stream, params string[] frames) => Frames(new XmlDocumentOptions(), stream, frames);

    public static void Frames(XmlDocumentOptions options, string stream, params string[] frames)
    {
        foreach (List<string> lines in Outcomes(Encoding.UTF8.GetBytes(stream), options))
        {
            Assert.Equal(Describe.Clean, lines[^1]);
            Assert.Equal(
                frames.Select(frame => Describe.Bytes(Encoding.UTF8.GetBytes(frame))),
                lines[..^1].Select(line => line[(line.IndexOf(':', StringComparison.Ordinal) + 2)..]));
        }
    }

    public static void Refuses(string stream, string reason, string construct, int at)
    {
        FrameRejection rejection = Refusal(Encoding.UTF8.GetBytes(stream));
        Assert.Equal((reason, construct, (Int128)at, (Int128?)null), (rejection.Reason, rejection.Field, rejection.Value!.Value, rejection.Limit));
    }

    public static FrameRejection Refusal(byte[] stream, XmlDocumentOptions? options = null)
    {
        FrameRejection? refused = null;
        foreach (int size in new[] { 1, stream.Length })
        {
            FrameAssembler assembler = new(XmlFraming.Document(options).CreateDecoder());
            TrackingPool pool = new();
            AssemblerStatus status = AssemblerStatus.NeedMore;
            for (int at = 0; at < stream.Length && status != AssemblerStatus.Rejected; at += size)
            {
                ReadOnlySpan<byte> read = stream.AsSpan(at, Math.Min(size, stream.Length - at));
                while ((status = assembler.Next(ref read, pool, options?.MaxDocumentLength ?? 1 << 20, out _)) == AssemblerStatus.Frame)
                {
                }
            }

            Assert.Equal(AssemblerStatus.Rejected, status);
            Assert.True(refused is null || refused == assembler.Rejection, $"{refused} whole, {assembler.Rejection} byte by byte");
            refused = assembler.Rejection;
            assembler.Release(pool);
        }

        return refused!;
    }

    public static IEnumerable<List<string>> Outcomes(byte[] stream, XmlDocumentOptions options)
        => new[] { Cutting.Whole, Cutting.ByteByByte }
            .Select(cutting => AssemblerDriver.Run(XmlFraming.Document(options), stream, cutting));
}
