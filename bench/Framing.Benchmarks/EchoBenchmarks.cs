using System.Net;
using BenchmarkDotNet.Attributes;
using Framing.Binary;
using Iocp.Core;
using Iocp.Core.Engines;

namespace Framing.Benchmarks;

/// <summary>
/// All that the library does for a frame, and nothing of the kernel: a read of 16 frames of 64 bytes is decoded, each is given to an inline handler which
/// sends it back, and what was sent is gathered and reported. Times are for one frame.
/// </summary>
[MemoryDiagnoser]
public class EchoBenchmarks : IFrameHandler
{
    private const int Frames = 16;

    private readonly byte[] _read = Packets.Stream(Frames, 64);
    private FrameServer _server = null!;
    private BenchmarkEngine _engine = null!;
    private BenchmarkConnection _connection = null!;

    [GlobalSetup]
    public async Task Setup()
    {
        _server = new FrameServer(new FrameServerOptions
        {
            Listeners = { new ListenerOptions { EndPoint = new IPEndPoint(IPAddress.Loopback, 0), Framing = BinaryFraming.Create() } },
            EngineFactory = host => _engine = new BenchmarkEngine(host),
            Handler = this,
        });
        await _server.StartAsync();
        _connection = _engine.Accept();
    }

    [Benchmark(OperationsPerInvoke = Frames)]
    public long EchoARead()
    {
        _connection.Echo(_read);
        return _connection.BytesSent;
    }

    void IFrameHandler.OnFrame(Connection connection, Frame frame) => connection.Send(frame.Bytes);

    /// <summary>One connection, whose reads come from the benchmark and whose sends are taken at once.</summary>
    private sealed class BenchmarkConnection(ConnectionOrigin origin) : Connection(origin)
    {
        private readonly List<ArraySegment<byte>> _gathered = [];
        private EngineRequests _requests;

        public override EndPoint? RemoteEndPoint => null;

        public override EndPoint? LocalEndPoint => null;

        public void Echo(ReadOnlySpan<byte> read)
        {
            if (!MayRead() || !OnReceived(read) || _requests != EngineRequests.Send)
                throw new InvalidOperationException($"The connection requested {_requests}.");
            _requests = EngineRequests.None;
            while (OnSent(Sends.Gather(_gathered, maxBuffers: 16, maxBytes: 65_536)))
            {
            }
        }

        private protected override void Request(EngineRequests requests) => _requests |= requests;
    }

    private sealed class BenchmarkEngine(FrameHost host) : IEngine, IEngineListener
    {
        private ConnectionOrigin _origin = null!;

        public int Operations => 0;

        public EndPoint EndPoint { get; } = new IPEndPoint(IPAddress.Loopback, 1);

        public BenchmarkConnection Accept()
        {
            var connection = new BenchmarkConnection(_origin);
            return host.Accepted(connection) ? connection : throw new InvalidOperationException("The server has no room.");
        }

        public IEngineListener Listen(ConnectionOrigin origin)
        {
            _origin = origin;
            return this;
        }

        public Task<Connection> ConnectAsync(ConnectionOrigin origin, EndPoint remoteEndPoint, EndPoint? localEndPoint, CancellationToken cancellationToken)
            => throw new NotSupportedException();

        public void ResumeAccepting()
        {
        }

        public void StartAccepting()
        {
        }

        public Task CloseAsync() => Task.CompletedTask;

        public Task StopAsync() => Task.CompletedTask;
    }
}
