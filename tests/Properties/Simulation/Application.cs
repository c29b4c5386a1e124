using Framing.Properties.Generators;
using Iocp.Core;

namespace Framing.Properties.Simulation;

/// <summary>The application of a simulated server: one way of getting at frames, and what is done about each.</summary>
internal abstract class Application
{
    private readonly Queue<ReceivedFrame> _held = new();

    public Simulation Simulation { get; set; } = null!;

    public abstract void Configure(FrameServerOptions options);

    /// <summary>A connection was admitted.</summary>
    public virtual void Arrived(SimulatedConnection connection)
    {
    }

    /// <summary>Takes up to that many frames; 0: all that there are.</summary>
    public virtual void Take(SimulatedConnection connection, int frames)
    {
    }

    /// <summary>The task that serves a connection ends, if there is one.</summary>
    public virtual void End(SimulatedConnection connection, bool throws)
    {
    }

    /// <summary>Whether nothing but the connection itself delays its close notification.</summary>
    public virtual bool IsDoneWith(SimulatedConnection connection) => true;

    /// <summary>Disposes the frame held longest.</summary>
    public void DisposeOne()
    {
        if (_held.TryDequeue(out ReceivedFrame frame))
        {
            frame.Dispose();
        }
    }

    public void DisposeAll()
    {
        while (_held.Count > 0)
        {
            DisposeOne();
        }
    }

    protected void Received(ReceivedFrame frame)
    {
        var connection = (SimulatedConnection)frame.Connection;
        _held.Enqueue(frame);
        connection.Judge.Delivered(frame.Index, frame.StreamOffset, frame.Bytes.Span);
        React(connection, frame.Bytes.Span, frame.Index);
    }

    protected SendStatus? React(SimulatedConnection connection, ReadOnlySpan<byte> frame, long index)
    {
        Judge judge = connection.Judge;
        switch (Simulation.PlanOf(connection).To(index))
        {
            case Reaction.Echo:
                return judge.Send(frame);
            case Reaction.Burst:
                SendStatus first = judge.Send(frame);
                judge.Send(Message(40));
                judge.Send(Message(100));
                return first;
            case Reaction.Pause:
                judge.Pause();
                break;
            case Reaction.Close:
                judge.Close(CloseMode.Graceful);
                break;
            case Reaction.Abort:
                judge.Close(CloseMode.Abortive);
                break;
            case Reaction.Throw:
                Throw(connection);
                break;
            case Reaction.Stop:
                Simulation.Stop();
                break;
        }

        return null;
    }

    /// <summary>Where a handler can throw, it does.</summary>
    protected virtual void Throw(SimulatedConnection connection)
    {
    }

    public static byte[] Message(int length)
        => [.. PacketHeadFormat.Head(length, 99, length, 7), .. Enumerable.Range(0, length).Select(i => (byte)(length + i))];
}

/// <summary>Frames come on the engine's thread.</summary>
internal sealed class InlineApplication : Application, IFrameHandler
{
    public override void Configure(FrameServerOptions options) => options.Handler = this;

    public void OnFrame(Connection connection, Frame frame)
    {
        var simulated = (SimulatedConnection)connection;
        Judge judge = simulated.Judge;
        judge.Observe();
        Simulation.Check(!judge.IsClosing, "a frame comes after a close was requested");
        Simulation.Check(!judge.AppPaused, "a frame comes while receiving is paused");
        judge.Delivered(frame.Index, frame.StreamOffset, frame.Bytes);
        Simulation.Check(React(simulated, frame.Bytes, frame.Index) is null or SendStatus.Queued, "one reply a frame does not fit the send queue");
    }

    protected override void Throw(SimulatedConnection connection)
    {
        connection.Judge.HandlerThrew = true;
        throw new InvalidOperationException("thrown by the application");
    }
}

/// <summary>Frames are pulled from the server's queue.</summary>
internal sealed class PullApplication : Application
{
    public override void Configure(FrameServerOptions options)
    {
    }

    public override void Arrived(SimulatedConnection connection) => connection.Judge.IsHeldUp = () => connection.UntakenBytes > 0;

    public override void Take(SimulatedConnection connection, int frames)
    {
        for (int i = 0; (frames == 0 || i < frames) && Simulation.Server.TryReceive(out ReceivedFrame frame, out _); i++)
        {
            Received(frame);
        }
    }

    public override bool IsDoneWith(SimulatedConnection connection) => connection.UntakenBytes == 0;
}
