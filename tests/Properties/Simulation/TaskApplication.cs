using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Iocp.Core;
using Xunit;

namespace Framing.Properties.Simulation;

/// <summary>
/// Each connection is served by a task. The script moves its enumeration on: a waiting enumeration completes as soon as there is a frame, and is looked
/// at when it is its turn.
/// </summary>
internal sealed class TaskApplication : Application
{
    private sealed class Session(IAsyncEnumerator<ReceivedFrame> frames)
    {
        public IAsyncEnumerator<ReceivedFrame> Frames { get; } = frames;

        public TaskCompletionSource Ended { get; } = new();

        public ValueTask<bool>? Moving { get; set; }

        public bool IsOver { get; set; }
    }

    private readonly ConcurrentDictionary<Connection, Session> _sessions = new();

    public override void Configure(FrameServerOptions options) => options.ConnectionHandler = (connection, frames, _) =>
    {
        Session session = new(frames.GetAsyncEnumerator(CancellationToken.None));
        Simulation.Engine.Change(() => _sessions[connection] = session);
        return session.Ended.Task;
    };

    public override void Arrived(SimulatedConnection connection)
    {
        connection.Judge.IsHeldUp = () => connection.UntakenBytes > 0;
        Simulation.Engine.Await(() => _sessions.ContainsKey(connection), "a connection's task does not start");
    }

    public override void Take(SimulatedConnection connection, int frames)
    {
        Session session = _sessions[connection];
        for (int i = 0; (frames == 0 || i < frames) && !session.IsOver && !session.Ended.Task.IsCompleted; i++)
        {
            ValueTask<bool> moving = session.Moving ?? session.Frames.MoveNextAsync();
            session.Moving = moving;
            if (!moving.IsCompleted)
            {
                return;
            }

            session.Moving = null;
            session.IsOver = !moving.GetAwaiter().GetResult();
            if (!session.IsOver)
            {
                Received(session.Frames.Current);
            }
            else
            {
                Simulation.Check(connection.Judge.IsClosing || connection.IsInputEnded, "the frames end before the connection does");
            }
        }
    }

    public override void End(SimulatedConnection connection, bool throws)
    {
        Session session = _sessions[connection];
        if (session.Ended.Task.IsCompleted)
        {
            return;
        }

        bool closing = connection.Judge.IsClosing;
        connection.Judge.HandlerThrew |= throws && !closing;
        connection.Judge.HandlerEnded |= !throws && !closing;
        if (throws)
        {
            session.Ended.SetException(new InvalidOperationException("thrown by the application"));
        }
        else
        {
            session.Ended.SetResult();
        }

        long began = Stopwatch.GetTimestamp();
        while (!Volatile.Read(ref HasEnded(connection.Stream!)))
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < Hang.Limit, "the end of a connection's task is not seen");
            Thread.Yield();     // the thread that started the task may be about to see to its end
        }

        Simulation.Check(connection.Judge.IsClosing, "the end of a connection's task does not close it");

        connection.Judge.Observe();
    }

    public override bool IsDoneWith(SimulatedConnection connection) => _sessions[connection].Ended.Task.IsCompleted;

    // Behind all that it leads to, the close included; nothing else shows that.
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_handlerEnded")]
    private static extern ref bool HasEnded(FrameStream stream);
}
