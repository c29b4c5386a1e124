using Iocp.Core;

namespace Framing.Tool.Serve;

/// <summary>Sends back what comes out of the receive queue. One consumer: an echo must keep the order of each connection, and several would not.</summary>
internal static class PullEcho
{
    public static async Task RunAsync(FrameServer server)
    {
        // Ends when the server has stopped and every frame was taken.
        await foreach (var frame in server.ReceiveAllAsync())
        {
            using (frame)
            {
                // Only a peer that does not read makes us wait, and the server's SendTimeout bounds how long.
                if (frame.Connection.Send(frame.Bytes).Status == SendStatus.QueueFull)
                    await frame.Connection.SendAsync(frame.Bytes);
            }
        }
    }
}
