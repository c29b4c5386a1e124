using System.Net;
using Iocp.Core;
using Iocp.Core.Engines;
using Xunit;

namespace Framing.Properties.Simulation;

/// <summary>
/// An engine without a kernel: nothing happens but by <see cref="SimulatedConnection.Turn"/>, on the one thread that calls it. Requests may come from any
/// thread; whoever waits for one waits here.
/// </summary>
internal sealed class SimulatedEngine(FrameHost host) : IEngine, IEngineListener
{
    private readonly object _lock = new();
    private readonly Queue<SimulatedConnection> _held = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ConnectionOrigin? _origin;
    private int _resumes;
    private int _resumesSeen;

    public int Operations => Connections.Count(connection => !connection.IsReleased) + _held.Count;

    public EndPoint EndPoint { get; } = new IPEndPoint(IPAddress.Loopback, 1);

    /// <summary>Rules that were broken, in the order in which that was seen.</summary>
    public List<string> Violations { get; } = [];

    /// <summary>Every connection that was admitted.</summary>
    public List<SimulatedConnection> Connections { get; } = [];

    public int Held => _held.Count;

    public bool IsListenerClosed { get; private set; }

    /// <summary>What the close of the listener waits for.</summary>
    public Task ListenerCloses { get; set; } = Task.CompletedTask;

    /// <summary>Which begins when the listener has closed.</summary>
    public bool IsStopping { get; private set; }

    public bool IsStopped { get; private set; }

    public long Now => host.Now;

    public IEngineListener Listen(ConnectionOrigin origin)
    {
        _origin = origin;
        return this;
    }

    public void StartAccepting()
    {
    }

    public async Task CloseAsync()
    {
        await ListenerCloses.ConfigureAwait(false);
        Change(() => IsListenerClosed = true);
    }

    public Task<Connection> ConnectAsync(ConnectionOrigin origin, EndPoint remoteEndPoint, EndPoint? localEndPoint, CancellationToken cancellationToken)
        => throw new NotSupportedException("Nobody connects outward here.");

    public void ResumeAccepting() => Change(() => _resumes++);

    public Task StopAsync()
    {
        Change(() => IsStopping = true);
        StopIfReleased();
        return _stopped.Task;
    }

    /// <summary>A stop that has begun ends with the last connection.</summary>
    public void StopIfReleased() => Change(() =>
    {
        if (IsStopping && Connections.TrueForAll(connection => connection.IsReleased))
        {
            IsStopped = true;
            _stopped.TrySetResult();
        }
    });

    /// <summary>A peer connects; it waits if there is no room.</summary>
    public SimulatedConnection Accept(SimulatedPeer peer, Func<SimulatedConnection, Judge> judge)
    {
        SimulatedConnection connection = new(this, _origin!, peer, judge);
        _held.Enqueue(connection);
        return connection;
    }

    /// <summary>Admits those that wait; how many there is room for is known by the caller.</summary>
    public void Admit(int room)
    {
        for (; room > 0 && _held.TryPeek(out SimulatedConnection? connection); room--)
        {
            while (!host.Accepted(connection))
            {
                Await(() => _resumes > _resumesSeen, "there is room, and accepting does not go on");
                _resumesSeen = _resumes;
            }

            Connections.Add(_held.Dequeue());
            connection.Start();
        }
    }

    /// <summary>Offers a connection when all places are in use.</summary>
    public void OfferInVain()
    {
        if (_held.TryPeek(out SimulatedConnection? connection))
        {
            _resumesSeen = _resumes;
            Check(!host.Accepted(connection), "more than MaxConnections are admitted");
        }
    }

    public void Check(bool holds, string rule)
    {
        if (!holds)
        {
            Change(() => Violations.Add(rule));
        }
    }

    public void Change(Action change)
    {
        lock (_lock)
        {
            change();
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Waits for another thread, which is about to make the condition true.</summary>
    public void Await(Func<bool> condition, string otherwise)
    {
        lock (_lock)
        {
            while (!condition())
            {
                Assert.True(Monitor.Wait(_lock, Hang.Limit), otherwise);
            }
        }
    }
}
