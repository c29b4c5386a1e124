using System.Net;
using Framing.Binary;
using Iocp.Core;

namespace Samples;

/// <summary>Answers on the worker what it can, and what takes time when it is there: until then the connection is not read from, and its later frames wait in order.</summary>
public sealed class LookupServer(Func<ReadOnlyMemory<byte>, Task<byte[]>> lookUp) : IFrameHandler
{
    public const ushort Ping = 1, Lookup = 2;

    public FrameServer Create(IPEndPoint endPoint) => new(new FrameServerOptions
    {
        Listeners = { new ListenerOptions { EndPoint = endPoint, Framing = BinaryFraming.Create() } },
        Handler = this,
    });

    public void OnFrame(Connection connection, Frame frame)
    {
        PacketHead.TryRead(frame.Bytes, out PacketHead head);
        if (head.Type != Lookup)
        {
            connection.Send(frame.Bytes);
            return;
        }

        connection.PauseReceiving();        // at once: no frame is delivered behind this one
        byte[] question = frame.Bytes[PacketHead.Size..].ToArray();     // the frame is lent for this call
        _ = Task.Run(() => AnswerAsync(connection, head.SerialNumber, question));
    }

    private async Task AnswerAsync(Connection connection, uint serial, byte[] question)
    {
        try
        {
            byte[] answer = await lookUp(question);
            await connection.SendPacketAsync(Lookup, serial, answer);
            connection.ResumeReceiving();
        }
        catch (Exception)
        {
            connection.Close();             // nobody awaits this task
        }
    }
}
