using System.Net;
using System.Security.Cryptography;
using Framing.Binary;
using Iocp.Core;

namespace Samples;

/// <summary>Takes messages of up to 16 MiB, whatever packets they come in, and answers each with its SHA-256: a message of the same type and serial number.</summary>
public sealed class DigestServer : IFrameHandler
{
    public static FrameServer Create(IPEndPoint endPoint) => new(new FrameServerOptions
    {
        Listeners =
        {
            new ListenerOptions { EndPoint = endPoint, Framing = new MessageFraming(new BinaryFramingOptions { MaxMessageLength = 16 << 20 }) },
        },
        Handler = new DigestServer(),
        FrameTimeout = TimeSpan.FromSeconds(30),
    });

    public void OnFrame(Connection connection, Frame frame)
    {
        PacketMessage message = new(frame.Bytes);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(message.Payload, digest);
        connection.SendMessage(message.Type, message.SerialNumber, digest);
    }
}
