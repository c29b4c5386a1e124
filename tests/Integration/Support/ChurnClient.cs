using System.Net;
using System.Net.Sockets;

namespace Framing.Integration;

/// <summary>How the visits ended.</summary>
internal readonly record struct ChurnCounts(int Reset, int Finished, int Truncated, int Malformed)
{
    public static ChurnCounts operator +(ChurnCounts a, ChurnCounts b)
        => new(a.Reset + b.Reset, a.Finished + b.Finished, a.Truncated + b.Truncated, a.Malformed + b.Malformed);
}

/// <summary>
/// Visits a server many times, 32 at once, from plain blocking sockets: connect, one frame there and back, and an end. Most end with a reset,
/// which leaves no port in TIME_WAIT; those that do are spread over source addresses that other processes are unlikely to share.
/// </summary>
internal static class ChurnClient
{
    private const int AtOnce = 32;
    private const int SourceAddresses = 64;

    /// <summary>Every so many visits end otherwise than by a reset.</summary>
    private const int Period = 8;

    public static async Task<ChurnCounts> RunAsync(IPEndPoint server, int visits)
    {
        int next = -1;
        Task<ChurnCounts>[] visitors = [.. Enumerable.Range(0, AtOnce).Select(_ => Task.Factory.StartNew(
            () =>
            {
                ChurnCounts counts = default;
                for (int i; (i = Interlocked.Increment(ref next)) < visits;)
                {
                    counts += Visit(server, i);
                }

                return counts;
            },
            TaskCreationOptions.LongRunning))];
        ChurnCounts all = default;
        foreach (ChurnCounts counts in await Task.WhenAll(visitors))
        {
            all += counts;
        }

        return all;
    }

    private static ChurnCounts Visit(IPEndPoint server, int number)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.ReceiveTimeout = socket.SendTimeout = (int)Eventually.Limit.TotalMilliseconds;
        int process = Environment.ProcessId;
        socket.Bind(new IPEndPoint(new IPAddress([127, (byte)(1 + ((process >> 8) % 254)), (byte)process, (byte)(1 + (number / Period % SourceAddresses))]), 0));
        socket.Connect(server);

        byte[] frame = Packets.Make(number % 200, (uint)number);
        socket.Send(frame);
        byte[] echo = new byte[frame.Length];
        ReceiveAll(socket, echo);
        Assert.Equal(frame, echo);
        return (number % Period, number / Period % 3) switch
        {
            (0, 0) => Finish(socket, [], new ChurnCounts(0, 1, 0, 0)),
            (0, 1) => Finish(socket, frame[..5], new ChurnCounts(0, 0, 1, 0)),
            (0, _) => BreakARule(socket),
            _ => Reset(socket),
        };
    }

    private static ChurnCounts Reset(Socket socket)
    {
        socket.LingerState = new LingerOption(true, 0);
        return new ChurnCounts(1, 0, 0, 0);
    }

    private static ChurnCounts Finish(Socket socket, byte[] rest, ChurnCounts counts)
    {
        socket.Send(rest);
        socket.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, socket.Receive(new byte[1]));
        return counts;
    }

    private static ChurnCounts BreakARule(Socket socket)
    {
        socket.Send(Enumerable.Repeat((byte)0xFF, Packets.HeaderSize).ToArray());
        Assert.Equal(0, socket.Receive(new byte[1]));
        return new ChurnCounts(0, 0, 0, 1);
    }

    private static void ReceiveAll(Socket socket, byte[] bytes)
    {
        for (int have = 0; have < bytes.Length;)
        {
            int count = socket.Receive(bytes.AsSpan(have));
            Assert.NotEqual(0, count);
            have += count;
        }
    }
}
