using System.Net;
using System.Net.Sockets;

namespace Framing.Integration;

/// <summary>A client of plain sockets, not of our own code path.</summary>
internal sealed class PlainClient : IDisposable
{
    private PlainClient(Socket socket) => Socket = socket;

    public Socket Socket { get; }

    public static async Task<PlainClient> ConnectAsync(EndPoint endPoint, int? receiveBufferSize = null)
    {
        var socket = endPoint.AddressFamily == AddressFamily.Unix
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBufferSize is { } size)
        {
            socket.ReceiveBufferSize = size;
        }

        await socket.ConnectAsync(endPoint).Bounded();
        return new PlainClient(socket);
    }

    /// <summary>The near end of a connection that a plain listener accepted.</summary>
    public static PlainClient Of(Socket accepted) => new(accepted);

    /// <summary>Sends one frame and expects it back.</summary>
    public async Task EchoAsync(uint serial = 0, int payloadLength = 20)
    {
        byte[] frame = Packets.Make(payloadLength, serial);
        await SendAsync(frame);
        Assert.Equal(frame, await ReceiveAsync(frame.Length));
    }

    /// <summary>Waits for the server's end, and that it sent nothing before it.</summary>
    public async Task ExpectEndAsync() => Assert.Empty(await ReceiveToEndAsync());

    public async Task SendAsync(ReadOnlyMemory<byte> data)
    {
        while (!data.IsEmpty)
        {
            data = data[await Socket.SendAsync(data, SocketFlags.None).AsTask().Bounded()..];
        }
    }

    /// <summary>Sends in pieces of the given lengths, used in turn.</summary>
    public async Task SendInPiecesAsync(ReadOnlyMemory<byte> data, params int[] pieces)
    {
        for (int i = 0; !data.IsEmpty; i++)
        {
            int length = Math.Min(pieces[i % pieces.Length], data.Length);
            await SendAsync(data[..length]);
            data = data[length..];
        }
    }

    public void FinishSending() => Socket.Shutdown(SocketShutdown.Send);

    /// <summary>Exactly that many bytes.</summary>
    public async Task<byte[]> ReceiveAsync(int length)
    {
        byte[] bytes = new byte[length];
        for (int have = 0; have < length;)
        {
            int count = await Socket.ReceiveAsync(bytes.AsMemory(have), SocketFlags.None).AsTask().Bounded();
            if (count == 0)
            {
                throw new EndOfStreamException($"The server finished after {have} of {length} bytes.");
            }

            have += count;
        }

        return bytes;
    }

    /// <summary>One whole PACKET_HEAD frame.</summary>
    public async Task<byte[]> ReceiveFrameAsync()
    {
        byte[] header = await ReceiveAsync(Packets.HeaderSize);
        return [.. header, .. await ReceiveAsync(Packets.PayloadLength(header))];
    }

    /// <summary>That many PACKET_HEAD frames.</summary>
    public async Task<List<byte[]>> ReceiveFramesAsync(int count)
    {
        List<byte[]> frames = [];
        while (frames.Count < count)
        {
            frames.Add(await ReceiveFrameAsync());
        }

        return frames;
    }

    /// <summary>Everything until the server finishes; a reset is an exception.</summary>
    public async Task<byte[]> ReceiveToEndAsync()
    {
        using var all = new MemoryStream();
        byte[] buffer = new byte[65_536];
        int count;
        while ((count = await Socket.ReceiveAsync(buffer, SocketFlags.None).Bounded()) > 0)
        {
            all.Write(buffer, 0, count);
        }

        return all.ToArray();
    }

    /// <summary>Closes with a reset.</summary>
    public void Reset()
    {
        Socket.LingerState = new LingerOption(true, 0);
        Socket.Dispose();
    }

    public void Dispose() => Socket.Dispose();
}
