using System.Buffers;
using System.Net;
using Framing.Binary;
using Iocp.Core;

namespace Samples;

/// <summary>Takes lines that end with CR LF or LF, and sends each back in capitals.</summary>
public sealed class LineServer : IFrameHandler
{
    public static FrameServer Create(IPEndPoint endPoint) => new(new FrameServerOptions
    {
        Listeners =
        {
            new ListenerOptions
            {
                EndPoint = endPoint,
                Framing = new DelimiterFraming(new DelimiterFramingOptions
                {
                    Delimiters = ["\r\n"u8.ToArray(), "\n"u8.ToArray()],
                    MaxPayloadLength = 1000,
                    KeepDelimiter = true,
                }),
            },
        },
        Handler = new LineServer(),
    });

    public void OnFrame(Connection connection, Frame frame)
    {
        Span<byte> line = stackalloc byte[frame.Bytes.Length];
        if (System.Text.Ascii.ToUpper(frame.Bytes, line, out int length) == OperationStatus.Done)
        {
            connection.Send(line[..length]);
        }
        else
        {
            connection.Close();     // not ASCII
        }
    }
}
