using Iocp.Core;

namespace Framing.Integration;

/// <summary>The three ways in which frames are handed over.</summary>
public enum DeliveryKind
{
    Inline,
    Pull,
    PerConnection,
}

/// <summary>An echo by each delivery.</summary>
internal static class Echoes
{
    public static void Echo(this FrameHostOptions options, DeliveryKind delivery)
    {
        switch (delivery)
        {
            case DeliveryKind.Inline:
                options.Handler = new EchoHandler();
                break;
            case DeliveryKind.PerConnection:
                options.ConnectionHandler = static async (connection, frames, _) =>
                {
                    await foreach (ReceivedFrame frame in frames)
                    {
                        using (frame)
                        {
                            await connection.SendAsync(frame.Bytes, CancellationToken.None);
                        }
                    }
                };
                break;
        }
    }

    /// <summary>Pull delivery needs somebody who pulls; ends when the host has stopped. For the others, nothing.</summary>
    public static Task PullAsync(FrameHost host, DeliveryKind delivery) => delivery == DeliveryKind.Pull ? Task.Run(() => PullAsync(host)) : Task.CompletedTask;

    private static async Task PullAsync(FrameHost host)
    {
        await foreach (ReceivedFrame frame in host.ReceiveAllAsync())
        {
            using (frame)
            {
                await frame.Connection.SendAsync(frame.Bytes);
            }
        }
    }
}
