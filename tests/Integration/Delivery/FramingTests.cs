using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Framing.Binary;
using Framing.Xml;
using Iocp.Core;
using Iocp.Core.Engines.Completions;
using Iocp.Core.Engines.Epoll;
using Iocp.Core.Engines.IoUring;

namespace Framing.Integration;

/// <summary>Which framing finds the frames, and that other ways to the same decoder find the same.</summary>
public abstract class FramingTests(TestedEngine engine) : EngineTests(engine)
{
    [Fact]
    public async Task Raw_chunks_are_never_empty_and_put_end_to_end_they_are_the_stream()
    {
        var got = new ConcurrentQueue<Got>();
        await using TestServer server = await StartAsync(
            options => options.Handler = new DelegateHandler((connection, frame) => got.Enqueue(Got.Of(connection, frame))), XmlFraming.RawChunk());
        byte[] sent = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 20_000).Select(i => $"<n>{i}</n>")));
        using (PlainClient client = await server.ConnectAsync())
        {
            await client.SendInPiecesAsync(sent, 1, 5, 70_000, 300);
        }

        Assert.Equal(CloseReason.RemoteClosed, (await server.OnlyCloseAsync()).Reason);
        Assert.DoesNotContain(got, chunk => chunk.Bytes.Length == 0);
        Assert.Equal(sent, got.SelectMany(chunk => chunk.Bytes).ToArray());
        Got.AssertIs([.. got.Select(chunk => chunk.Bytes)], got);
    }

    [Fact]
    public async Task A_raw_chunk_is_at_most_one_receive_buffer_long()
    {
        var lengths = new ConcurrentQueue<int>();
        await using TestServer server = await StartAsync(
            options => options.Handler = new DelegateHandler((_, frame) => lengths.Enqueue(frame.Bytes.Length)), XmlFraming.RawChunk());
        using (PlainClient client = await server.ConnectAsync())
        {
            await client.SendAsync(new byte[4 << 20]);
        }

        Assert.Equal(CloseReason.RemoteClosed, (await server.OnlyCloseAsync()).Reason);
        Assert.Equal(4 << 20, lengths.Sum());
        Assert.InRange(lengths.Max(), 1, LongestRead);
    }

    [Fact]
    public async Task Raw_chunks_are_not_joined_where_the_connection_is_paused_between_reads()
    {
        const int length = 4 << 20;
        var lengths = new ConcurrentQueue<int>();
        long received = 0;
        await using TestServer server = await StartAsync(
            options => options.Handler = new DelegateHandler((connection, frame) =>
            {
                lengths.Enqueue(frame.Bytes.Length);
                connection.PauseReceiving();
                Interlocked.Add(ref received, frame.Bytes.Length);
            }),
            XmlFraming.RawChunk());
        (PlainClient client, Connection connection) = await server.ConnectBothAsync();
        using (client)
        {
            Task sending = client.SendAsync(new byte[length]);
            Task pausing = Task.Run(() =>
            {
                // Also from outside, where a read may just have completed: it is then kept, and no other may be put to it.
                while (Interlocked.Read(ref received) < length && connection.CloseReason == CloseReason.None)
                {
                    connection.PauseReceiving();
                    connection.ResumeReceiving();
                }
            });
            await sending;
            await pausing.Bounded();
            connection.ResumeReceiving();
        }

        Assert.Equal(CloseReason.RemoteClosed, (await server.OnlyCloseAsync()).Reason);
        Assert.Equal(length, lengths.Sum());
        Assert.InRange(lengths.Max(), 1, LongestRead);
    }

    private int LongestRead => Engine switch
    {
        EngineKind.IoUring => BufferRing.BufferSize,
        EngineKind.Epoll => EpollWorker.ReceiveBufferSize,
        _ => CompletionConnection.ReceiveBufferSize,
    };

    [Fact]
    public async Task Each_listener_frames_in_its_own_way()
    {
        await using TestServer server = await StartAsync(options =>
        {
            options.Listeners.Add(new ListenerOptions { EndPoint = new IPEndPoint(IPAddress.Loopback, 0), Framing = BinaryFraming.Create() });
            options.Listeners.Add(new ListenerOptions { EndPoint = new IPEndPoint(IPAddress.Loopback, 0), Framing = XmlFraming.RawChunk() });
        });
        using PlainClient binary = await PlainClient.ConnectAsync(server.Server.EndPoints[0]);
        using PlainClient xml = await PlainClient.ConnectAsync(server.Server.EndPoints[1]);
        byte[] packet = Packets.Make(20);
        byte[] document = "<a/>"u8.ToArray();

        // Half a packet is no frame; half a document is a chunk.
        await binary.SendAsync(packet.AsMemory(0, 15));
        await xml.SendAsync(document.AsMemory(0, 2));
        Got chunk = Got.Take(await server.Server.ReceiveAsync().AsTask().Bounded());
        Assert.Equal("<a"u8.ToArray(), chunk.Bytes);
        Assert.Equal("xml-raw", chunk.Connection.Listener!.Framing.Name);
        await binary.SendAsync(packet.AsMemory(15));
        Got whole = Got.Take(await server.Server.ReceiveAsync().AsTask().Bounded());
        Assert.Equal(packet, whole.Bytes);
        Assert.Equal("binary", whole.Connection.Listener!.Framing.Name);

        // Sends too are judged by the framing of their connection.
        Assert.Equal(SendStatus.Refused, whole.Connection.Send(document).Status);
        Assert.Equal(SendStatus.Queued, chunk.Connection.Send(document).Status);
        Assert.Equal(document, await xml.ReceiveAsync(document.Length));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(37)]
    [InlineData(4096)]
    [InlineData(1_000_000)]
    public async Task A_FramePipeReader_over_a_socket_finds_the_frames_that_the_server_delivers(int piece)
    {
        byte[] stream = Packets.MakeMany(Enumerable.Range(0, piece == 1 ? 50 : 300).Select(i => i * 7919 % 8193));
        stream = piece == 1 ? stream[..3000] : stream;      // ends inside a frame
        var got = new ConcurrentQueue<Got>();
        await using TestServer server = await StartAsync(
            options => options.Handler = new DelegateHandler((connection, frame) => got.Enqueue(Got.Of(connection, frame))));
        using (PlainClient client = await server.ConnectAsync())
        {
            await client.SendInPiecesAsync(stream, piece);
        }

        CloseReason served = (await server.OnlyCloseAsync()).Reason;
        (List<Got> piped, CloseReason read) = await ReadThroughPipeAsync(stream, piece);
        Assert.Equal(piped.Select(frame => (frame.Index, frame.StreamOffset)), got.Select(frame => (frame.Index, frame.StreamOffset)));
        Assert.Equal(piped.Select(frame => frame.Bytes), got.Select(frame => frame.Bytes));
        Assert.Equal(piece == 1 ? CloseReason.TruncatedFrame : CloseReason.RemoteClosed, served);
        Assert.Equal(served, read);
    }

    private static async Task<(List<Got> Frames, CloseReason End)> ReadThroughPipeAsync(byte[] stream, int piece)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using PlainClient client = await PlainClient.ConnectAsync(listener.LocalEndPoint!);
        await using var network = new NetworkStream(await listener.AcceptAsync().Bounded(), ownsSocket: true);
        await using var reader = new FramePipeReader(PipeReader.Create(network), BinaryFraming.Create());
        Task sending = SendAllAsync();
        List<Got> frames = [];
        CloseReason end = CloseReason.RemoteClosed;
        try
        {
            await foreach (ReceivedFrame frame in reader.ReceiveAllAsync())
            {
                using (frame)
                {
                    Assert.Throws<InvalidOperationException>(() => frame.Connection);
                    frames.Add(new Got(null!, frame.Index, frame.StreamOffset, frame.Bytes.ToArray()));
                }
            }
        }
        catch (FrameStreamException exception)
        {
            end = exception.Reason;
        }

        await sending;
        return (frames, end);

        async Task SendAllAsync()
        {
            await client.SendInPiecesAsync(stream, piece);
            client.FinishSending();
        }
    }
}
