using System.Net;
using Iocp.Core;
using Iocp.Core.Engines;
using Xunit;

namespace Framing.Properties.Simulation;

/// <summary>What another thread does at the one moment at which it matters: between two steps that look like one.</summary>
public sealed class MeanwhileTests : IAsyncDisposable
{
    private readonly SimulatedClock _clock = new();
    private readonly Random _random = new(1);
    private SimulatedEngine _engine = null!;
    private FrameServer _server = null!;

    [Fact]
    public async Task What_is_queued_as_the_last_send_is_reported_leaves_before_a_close_that_follows_it()
    {
        await StartAsync(options => options.SendQueueBytesPerConnection = 40);
        SimulatedConnection connection = Accept([10]);
        connection.Judge.Send(Application.Message(100));        // full: reading stops
        connection.Peer.Send(int.MaxValue);
        connection.Peer.End();
        connection.Meanwhile = requests =>
        {
            if ((requests & EngineRequests.Resume) != 0)      // the queue is empty again, and whoever found that has not gone on yet
            {
                connection.Meanwhile = _ => { };
                connection.Judge.Send(Application.Message(20));
                connection.Judge.Close(CloseMode.Graceful);
            }
        };

        Run(connection);

        Assert.Equal([.. Application.Message(100), .. Application.Message(20)], connection.Peer.Received);
        Assert.True(connection.IsReleased);
        Assert.Empty(_engine.Violations);
    }

    [Fact]
    public async Task The_end_of_a_connection_is_told_after_its_last_frame_also_when_that_comes_as_the_one_before_is_taken()
    {
        await StartAsync(options => options.ReceiveQueueBytesPerConnection = 1);
        SimulatedConnection connection = Accept([10, 10]);
        connection.Judge.IsHeldUp = () => connection.UntakenBytes > 0;
        connection.Peer.Send(int.MaxValue);
        Run(connection);        // a frame waits, which is all that there is room for
        connection.Meanwhile = _ =>
        {
            connection.Meanwhile = _ => { };
            Run(connection);        // the next frame comes
            connection.Peer.Reset();
            connection.Judge.Send(Application.Message(1));      // which finds that out
            Run(connection);
        };

        Assert.True(_server.TryReceive(out ReceivedFrame first, out _));
        first.Dispose();
        Assert.True(connection.IsReleased);
        Assert.Equal(1, _server.ConnectionCount);
        Assert.True(_server.TryReceive(out ReceivedFrame second, out _));
        Assert.Equal(1, second.Index);
        second.Dispose();
        Assert.Equal(0, _server.ConnectionCount);
        Assert.Empty(_engine.Violations);
    }

    [Fact]
    public async Task A_stop_bounds_the_end_of_a_client_that_comes_before_its_listeners_have_closed()
    {
        await StartAsync(_ => { });
        SimulatedConnection first = Accept([]);
        TaskCompletionSource listenerCloses = new();
        _engine.ListenerCloses = listenerCloses.Task;
        Task timer = TimerAsync();
        Task stopping = _server.StopAsync();
        await timer;
        first.Judge.Stopped = true;
        first.Judge.Close(CloseMode.Abortive);
        Run(first);             // nobody is left
        SimulatedConnection second = Accept([]);
        second.Judge.Stopped = true;
        Run(second);            // half-closed; its peer does not end
        Assert.True(second.IsOpen);

        _clock.Advance(TimeSpan.FromSeconds(1));
        _engine.Await(() => second.Judge.AbortAsked, "the end of the drain time does not abort");
        Run(second);
        Assert.False(stopping.IsCompleted);
        listenerCloses.SetResult();
        await stopping.Bounded();
        Assert.Empty(_engine.Violations);
    }

    [Fact]
    public async Task A_connection_that_is_made_after_a_stop_was_cut_short_is_reset()
    {
        await StartAsync(_ => { });
        SimulatedConnection first = Accept([]);
        Task stopping = _server.StopAsync(new CancellationToken(canceled: true));
        first.Judge.Stopped = true;
        _engine.Await(() => first.Judge.AbortAsked, "a stop with a cancelled token aborts nobody");
        SimulatedConnection second = Accept([]);
        second.Judge.Stopped = true;
        _engine.Await(() => second.Judge.AbortAsked, "who came after it is not aborted");
        Run(first);
        Run(second);
        await stopping.Bounded();
        Assert.Empty(_engine.Violations);
    }

    [Fact]
    public async Task A_send_that_is_queued_and_then_cannot_be_asked_for_costs_its_connection_for_nobody_would_ask_again()
    {
        await StartAsync(_ => { });
        SimulatedConnection connection = Accept([]);
        connection.Judge.Failed();
        connection.Meanwhile = _ =>
        {
            connection.Meanwhile = _ => { };
            throw new InsufficientMemoryException();
        };

        Assert.Equal(SendStatus.Queued, connection.Send(Application.Message(1)).Status);
        Assert.Equal(CloseReason.ResourceExhausted, connection.CloseReason);
        Run(connection);
        Assert.True(connection.IsReleased);
        Assert.Empty(_engine.Violations);
    }

    [Fact]
    public async Task An_abort_that_cannot_be_asked_for_is_asked_for_until_it_can()
    {
        await StartAsync(_ => { });
        SimulatedConnection connection = Accept([]);
        connection.Failing = EngineRequests.Abort;
        connection.Judge.Close(CloseMode.Abortive);
        for (int second = 0; second < 3; second++)
        {
            _clock.Advance(TimeSpan.FromSeconds(2));
            Run(connection);
            Assert.True(connection.IsOpen);
        }

        connection.Failing = EngineRequests.None;
        _clock.Advance(TimeSpan.FromSeconds(2));
        _engine.Await(() => connection.Judge.AbortAsked, "nobody asks again");
        Run(connection);
        Assert.True(connection.IsReleased);
        Assert.Empty(_engine.Violations);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_reader_that_cannot_be_asked_to_read_on_costs_its_connection_and_not_whoever_opened_its_gate(bool clockFails)
    {
        await StartAsync(options => options.ReceiveQueueFrames = 1);
        SimulatedConnection first = Accept([10]);
        SimulatedConnection second = Accept([10]);
        foreach (SimulatedConnection connection in (SimulatedConnection[])[first, second])
        {
            connection.Judge.IsHeldUp = () => true;
            connection.Peer.Send(int.MaxValue);
            Run(connection);
        }

        second.Judge.Failed();
        second.Failing = EngineRequests.Resume;     // when its frame moves up from the line
        _clock.FailsOnce = clockFails;              // or before, when it is asked from when on the deadlines run
        Assert.True(_server.TryReceive(out ReceivedFrame frame, out _));
        Assert.Same(first, frame.Connection);
        frame.Dispose();
        Assert.Equal(CloseReason.ResourceExhausted, second.CloseReason);
        Run(second);
        Assert.True(second.IsReleased);
        Assert.True(first.IsOpen);
        Assert.Empty(_engine.Violations);
    }

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    private async Task StartAsync(Action<FrameServerOptions> configure)
    {
        FrameServerOptions options = new()
        {
            TimeProvider = _clock,
            LingerTimeout = TimeSpan.FromSeconds(100),
            DrainTimeout = TimeSpan.FromSeconds(1),
            EngineFactory = host => _engine = new SimulatedEngine(host),
            Listeners = { new ListenerOptions { EndPoint = new IPEndPoint(IPAddress.Loopback, 0), Framing = ConnectionPlan.Format.Framing } },
        };
        configure(options);
        _server = new FrameServer(options);
        await _server.StartAsync();
    }

    private SimulatedConnection Accept(int[] payloads)
    {
        SimulatedPeer peer = new(new ConnectionPlan(payloads, StreamEnd.Whole, [Reaction.None]).Stream());
        SimulatedConnection connection = _engine.Accept(peer, connection => new Judge(connection, _engine, new FrameServerOptions()));
        _engine.Admit(1);
        return connection;
    }

    private void Run(SimulatedConnection connection)
    {
        while (connection.Turn(_random))
        {
        }
    }

    private Task TimerAsync()
    {
        TaskCompletionSource made = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _clock.TimerMade = () => made.TrySetResult();
        return made.Task;
    }
}
