using System.Net;
using Framing.Xml;
using Iocp.Core;

namespace Samples;

/// <summary>Writes down what comes, as it comes, and says that it came.</summary>
public sealed class TranscriptServer(Stream transcript) : IFrameHandler
{
    public static FrameServer Create(IPEndPoint endPoint, Stream transcript) => new(new FrameServerOptions
    {
        Listeners = { new ListenerOptions { EndPoint = endPoint, Framing = XmlFraming.RawChunk() } },
        Handler = new TranscriptServer(transcript),
    });

    public void OnFrame(Connection connection, Frame frame)
    {
        lock (transcript)       // other connections call on other threads; a transcript that is slow to write holds them up
        {
            transcript.Write(frame.Bytes);
        }

        connection.Send("<taken/>"u8);
    }
}
