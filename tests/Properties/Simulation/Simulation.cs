using System.Net;
using Iocp.Core;
using Xunit;

namespace Framing.Properties.Simulation;

/// <summary>Runs a script on a server over the simulated engine, and checks after each step that everything is as it must be.</summary>
internal sealed class Simulation : IDisposable
{
    private const int MaxTurns = 20_000;

    private readonly SimulationScript _script;
    private readonly Application _application;
    private readonly SimulatedClock _clock = new();
    private readonly Random _random;
    private readonly FrameServerOptions _options;
    private readonly SimulatedConnection[] _connections;
    private readonly List<ConnectionClosed> _notifications = [];
    private readonly CancellationTokenSource _cutShort = new();
    private int _notificationsSeen;
    private int _timers;
    private long? _stoppedAt;

    public Simulation(SimulationScript script, Application application)
    {
        _script = script;
        _application = application;
        _random = new Random(script.Seed);
        application.Simulation = this;
        Limits limits = script.Limits;
        _options = new FrameServerOptions
        {
            MaxConnections = limits.MaxConnections,
            SendQueueBytesPerConnection = limits.SendQueue,
            ReceiveQueueBytesPerConnection = limits.Share,
            ReceiveQueueFrames = limits.QueueFrames,
            ReceiveQueueBytes = limits.QueueBytes,
            FirstFrameTimeout = TimeSpan.FromMilliseconds(limits.FirstFrame),
            FrameTimeout = TimeSpan.FromMilliseconds(limits.Frame),
            IdleTimeout = TimeSpan.FromMilliseconds(limits.Idle),
            SendTimeout = TimeSpan.FromMilliseconds(limits.Send),
            LingerTimeout = TimeSpan.FromMilliseconds(limits.Linger),
            DrainTimeout = TimeSpan.FromMilliseconds(limits.Drain),
            TimeProvider = _clock,
            EngineFactory = host => Engine = new SimulatedEngine(host),
            Closed = closed => Engine!.Change(() => _notifications.Add(closed)),
            Listeners = { new ListenerOptions { EndPoint = new IPEndPoint(IPAddress.Loopback, 0), Framing = ConnectionPlan.Format.Framing } },
        };
        application.Configure(_options);
        Server = new FrameServer(_options);
        _clock.TimerMade = () => Engine!.Change(() => _timers++);
        Server.StartAsync().GetAwaiter().GetResult();
        _connections = [.. script.Plans.Select(plan => Engine!.Accept(new SimulatedPeer(plan.Stream()), connection => new Judge(connection, Engine, _options)))];
    }

    public FrameServer Server { get; }

    public SimulatedEngine Engine { get; private set; } = null!;

    public ConnectionPlan PlanOf(SimulatedConnection connection) => _script.Plans[Array.IndexOf(_connections, connection)];

    public void Check(bool holds, string rule) => Engine.Check(holds, rule);

    public void Run()
    {
        SynchronizationContext? context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);     // what a step sets off runs in it
        try
        {
            Settle();
            foreach (ScriptStep step in _script.Steps)
            {
                Take(step);
                Settle();
            }

            End();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    public void Dispose() => _cutShort.Dispose();

    /// <summary>Begins to stop, and waits until every connection was told.</summary>
    public void Stop()
    {
        if (_stoppedAt is null)
        {
            _stoppedAt = Engine.Now;
            int timers = _timers;
            _ = Server.StopAsync();
            Engine.Await(() => (_timers > timers && Engine.IsStopping) || Engine.IsStopped, "a stop gets nowhere");
            Engine.Connections.ForEach(connection => connection.Judge.Stopped = true);
            Engine.Connections.ForEach(connection => connection.Judge.Observe());
        }
    }

    private void Take(ScriptStep step)
    {
        SimulatedConnection connection = _connections[step.Connection];
        switch (step.Move)
        {
            case Move.Turns:
                RunTurns(step.Amount);
                break;
            case Move.Passes:
                Pass(step.Amount);
                break;
            case Move.PeerSends:
                connection.Peer.Send(step.Amount);
                break;
            case Move.PeerEnds:
                connection.Peer.End();
                break;
            case Move.PeerResets:
                connection.Peer.Reset();
                break;
            case Move.PeerStopsReading:
                connection.Peer.Reads = false;
                break;
            case Move.PeerReadsOn:
                connection.Peer.Reads = true;
                break;
            case Move.Stops:
                Stop();
                break;
            case Move.CutsTheStopShort when _stoppedAt is not null && !Engine.IsStopped:
                _ = Server.StopAsync(_cutShort.Token);
                _cutShort.Cancel();
                AwaitAborts();
                break;
            case Move.Disposes:
                _application.DisposeOne();
                break;
            case var move when connection.IsOpen:
                Act(connection, move, step.Amount);
                break;
        }
    }

    private void Act(SimulatedConnection connection, Move move, int amount)
    {
        switch (move)
        {
            case Move.Sends:
                connection.Judge.Send(Application.Message(amount));
                break;
            case Move.Pauses:
                connection.Judge.Pause();
                break;
            case Move.Resumes:
                connection.Judge.Resume();
                break;
            case Move.Closes:
                connection.Judge.Close(CloseMode.Graceful);
                break;
            case Move.Aborts:
                connection.Judge.Close(CloseMode.Abortive);
                break;
            case Move.Takes:
                _application.Take(connection, amount);
                break;
            case Move.Ends or Move.Throws:
                _application.End(connection, throws: move == Move.Throws);
                break;
        }
    }

    private void RunTurns(int turns)
    {
        int idle = 0, left = turns;
        for (int i = _random.Next(_connections.Length); left > 0 && idle < _connections.Length; i++)
        {
            bool any = _connections[i % _connections.Length].Turn(_random);
            idle = any ? 0 : idle + 1;
            left -= any ? 1 : 0;
        }

        Check(left > 0 || turns < MaxTurns, "the engine has always something to do");
    }

    private void Pass(int milliseconds)
    {
        for (; milliseconds > 0; milliseconds -= 100)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(Math.Min(100, milliseconds)));
            if (_stoppedAt + _options.DrainTimeout.TotalMilliseconds <= Engine.Now)
            {
                AwaitAborts();
            }

            Engine.Connections.ForEach(connection =>
            {
                if (connection.IsOpen)
                {
                    connection.Judge.TimePassed();
                }
            });
        }
    }

    private void AwaitAborts() => Engine.Await(
        () => Engine.Connections.TrueForAll(connection => connection.IsReleased || connection.Judge.AbortAsked), "the end of the drain time does not abort");

    // Notifications that are due come, no other does, and their slots are used again.
    private void Settle()
    {
        while (true)
        {
            int due = Engine.Connections.Count(connection => connection.IsReleased && _application.IsDoneWith(connection));
            Engine.Await(() => _notifications.Count >= due, "a close notification is missing");
            Check(_notifications.Count == due, "a close notification comes too early, or twice");
            for (; _notificationsSeen < Math.Min(due, _notifications.Count); _notificationsSeen++)
            {
                ConnectionClosed closed = _notifications[_notificationsSeen];
                var connection = (SimulatedConnection)closed.Connection;
                connection.Judge.Notified(closed, allTaken: connection.FramesReceived == 0 || _application is not TaskApplication);
            }

            int room = Math.Min(_options.MaxConnections - (Engine.Connections.Count - due), Engine.Held);
            if (room == 0 || Engine.IsListenerClosed)
            {
                break;
            }

            int admitted = Engine.Connections.Count;
            Engine.Admit(room);
            Engine.Connections.Skip(admitted).ToList().ForEach(_application.Arrived);
        }

        if (!Engine.IsListenerClosed)
        {
            Engine.OfferInVain();
        }

        Assert.Empty(Engine.Violations);
    }

    private void End()
    {
        if (_script.StopsAtTheEnd)
        {
            Stop();
        }

        // Without a stop nothing is in the way of the natural end, and no time needs to pass; a stop ends also what nobody helps.
        int patience = _script.StopsAtTheEnd ? (_script.Limits.Drain / 100) + 2 : 0;
        for (int i = 0; i <= patience + _connections.Length; i++)
        {
            if (!_script.StopsAtTheEnd)
            {
                Help();
            }

            RunTurns(MaxTurns);
            Settle();
            if (i < patience)
            {
                Pass(100);
            }
        }

        Consume();
        Settle();
        Assert.All(Engine.Connections, connection => Assert.True(connection.IsReleased, "a connection does not come to its end"));
        Assert.Equal(Engine.Connections.Count, _notifications.Count);
        Assert.Equal(_connections.Length, Engine.Connections.Count + (_stoppedAt is null ? 0 : Engine.Held));
        Assert.True(Server.StopAsync().Wait(Hang.Limit), "the stop does not come to its end");
        Assert.True(Server.DisposeAsync().AsTask().Wait(Hang.Limit), "the dispose does not come to its end");
        Assert.Equal(0, Server.Pool.RentedCount);
    }

    private void Help()
    {
        foreach (SimulatedConnection connection in _connections.Where(connection => connection.IsOpen))
        {
            connection.Judge.Resume();
            connection.Peer.Send(int.MaxValue);
            connection.Peer.End();
            connection.Peer.Reads = true;
        }

        RunTurns(MaxTurns);
        Consume();
    }

    // Takes what there is, until taking makes no more room for more.
    private void Consume()
    {
        for (int i = 0; i < 20; i++)
        {
            Engine.Connections.ForEach(connection => _application.Take(connection, 0));
            _application.DisposeAll();
            Engine.Connections.ForEach(connection => { if (connection.IsOpen) { connection.Judge.Resume(); } });
            RunTurns(MaxTurns);
        }

        Engine.Connections.ForEach(connection => _application.End(connection, throws: false));
        RunTurns(MaxTurns);
    }
}
