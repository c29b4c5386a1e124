using System.Net;
using Framing.Binary;
using Iocp.Core;

namespace Samples;

/// <summary>Answers each question with a packet that has its serial number and payload. Every other type ends the connection.</summary>
public sealed class PacketServer : IFrameHandler
{
    public const ushort Question = 1, Answer = 2;

    public static FrameServer Create(IPEndPoint endPoint) => new(new FrameServerOptions
    {
        Listeners =
        {
            new ListenerOptions
            {
                EndPoint = endPoint,
                Framing = BinaryFraming.Create(new BinaryFramingOptions { MaxPayloadLength = 1024, AllowedTypes = [Question, Answer] }),
            },
        },
        Handler = new PacketServer(),
    });

    public void OnFrame(Connection connection, Frame frame)
    {
        PacketHead.TryRead(frame.Bytes, out PacketHead head);
        if (head.Type == Question)
        {
            connection.SendPacket(Answer, head.SerialNumber, frame.Bytes[PacketHead.Size..]);
        }
        else
        {
            connection.Close();     // an answer, which is legal because we send it
        }
    }
}
