using System.Collections.Concurrent;
using System.Net;
using Framing.Testing;
using Iocp.Core;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Framing.Properties.Testing;

/// <summary>The worker of a server in memory treats the user's code as the real engines do: none of it meets the execution context of another, and none of it ends the worker.</summary>
public sealed class InMemoryWorkerTests
{
    private readonly AsyncLocal<object?> _local = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task No_callback_meets_the_execution_context_of_who_started_or_used_the_server(bool inline)
    {
        ConcurrentQueue<(string Callback, object? Value)> met = new();
        TaskCompletionSource told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _local.Value = new object();
        await using (InMemoryServer server = await InMemoryServer.StartAsync(Options(new MeetingFraming(Meet), options =>
        {
            options.Handler = inline ? new MeetingHandler(Meet) : null;
            options.ConnectionHandler = inline ? null : async (_, frames, closed) =>
            {
                Meet("ConnectionHandler");
                closed.UnsafeRegister(
                    _ =>
                    {
                        Meet("closed");
                        told.SetResult();
                    },
                    null);
                await foreach (ReceivedFrame frame in frames)
                {
                    frame.Dispose();
                    Meet("frames");
                }
            };
            options.Closed = _ => Meet("Closed");
        })))
        {
            InMemoryPeer peer = await server.ConnectAsync().Bounded();
            await peer.SendAsync("a\n"u8.ToArray()).Bounded();
            await peer.EndAsync().Bounded();
            await peer.ReceiveToEndAsync().Bounded();
            await peer.Closed.Bounded();
            if (!inline)
            {
                await told.Task.Bounded();      // on the pool, beside the notification
            }
        }

        HashSet<string> expected = ["CreateDecoder", "Decode", "Dispose", "Closed", .. inline ? ["OnFrame"] : new[] { "ConnectionHandler", "closed", "frames" }];
        Assert.Equal(expected.Order(), met.Select(one => one.Callback).Distinct().Order());
        Assert.All(met, one => Assert.Null(one.Value));

        void Meet(string callback) => met.Enqueue((callback, _local.Value));
    }

    [Fact]
    public async Task Who_cannot_be_admitted_is_told_and_the_next_one_is_served()
    {
        FailingFakeClock clock = new();
        await using InMemoryServer server = await StartAsync(clock, options => options.MaxConnections = 1);
        clock.FailOnce();
        await Assert.ThrowsAsync<InsufficientMemoryException>(() => server.ConnectAsync().Bounded());
        InMemoryPeer served = await server.ConnectAsync().Bounded();
        await served.SendAsync("a\n"u8.ToArray()).Bounded();
        Assert.Equal(1, served.Connection.FramesReceived);
        served.Reset();
        await server.Server.StopAsync().Bounded();
    }

    [Fact]
    public async Task What_throws_on_the_worker_costs_its_connection_only()
    {
        FailingFakeClock clock = new();
        await using InMemoryServer server = await StartAsync(clock, options => options.FirstFrameTimeout = Timeout.InfiniteTimeSpan);
        InMemoryPeer lost = await server.ConnectAsync().Bounded(), served = await server.ConnectAsync().Bounded();
        await served.SendAsync("a\n"u8.ToArray()).Bounded();       // behind it nobody looks at the clock but who sends
        clock.FailOnce();
        lost.Connection.Send("x"u8);
        ConnectionClosed closed = await lost.Closed.Bounded();
        Assert.IsType<InsufficientMemoryException>(closed.Error);
        await served.SendAsync("a\n"u8.ToArray()).Bounded();
        Assert.Equal(2, served.Connection.FramesReceived);
    }

    private static Task<InMemoryServer> StartAsync(FailingFakeClock clock, Action<FrameServerOptions> configure)
        => InMemoryServer.StartAsync(Options(new LineFraming(() => new LineDecoder()), options =>
        {
            options.Handler = new MeetingHandler(_ => { });
            options.TimeProvider = clock;
            configure(options);
        }));

    private static FrameServerOptions Options(IFraming framing, Action<FrameServerOptions> configure)
    {
        FrameServerOptions options = new() { Listeners = { new ListenerOptions { EndPoint = new IPEndPoint(IPAddress.Loopback, 9000), Framing = framing } } };
        configure(options);
        return options;
    }

    private sealed class MeetingHandler(Action<string> meet) : IFrameHandler
    {
        public void OnFrame(Connection connection, Frame frame) => meet("OnFrame");
    }

    private sealed class MeetingFraming(Action<string> meet) : IFraming
    {
        public string Name => "meeting";

        public int MaxFrameLength => LineFraming.Max;

        public IFrameDecoder CreateDecoder()
        {
            meet("CreateDecoder");
            return new Decoder(meet);
        }

        public FrameRejection? CheckOutgoing(ReadOnlySpan<byte> data) => null;

        private sealed class Decoder(Action<string> meet) : LineDecoder, IDisposable
        {
            public override DecodeResult Decode(ReadOnlySpan<byte> unread)
            {
                meet("Decode");
                return base.Decode(unread);
            }

            public void Dispose() => meet("Dispose");
        }
    }

    // The next look fails, as when there is no memory just then. It does not run: a timer would look at it too.
    private sealed class FailingFakeClock : FakeTimeProvider
    {
        private int _fails;

        public void FailOnce() => Volatile.Write(ref _fails, 1);

        public override long GetTimestamp()
            => Interlocked.Exchange(ref _fails, 0) == 1 ? throw new InsufficientMemoryException("no memory just now") : base.GetTimestamp();
    }
}
