namespace Framing.Tool.Load;

/// <summary>What all connections of one run share.</summary>
internal sealed class LoadContext(LoadSettings settings) : IDisposable
{
    private volatile bool _sendingStopped;
    private volatile bool _closing;

    public LoadSettings Settings { get; } = settings;
    public MessagePattern Pattern { get; } = new(settings.Framing, settings.Payload);
    public TimeProvider Time { get; } = TimeProvider.System;
    public Latencies Latencies { get; } = new(TimeProvider.System);
    public LoadErrors Errors { get; } = new();

    /// <summary>When the measured time began, a timestamp of <see cref="Time"/>; written once, before the first message after the greeting.</summary>
    public long StartedAt { get; set; }

    /// <summary>The time is over: nothing more is sent, echoes are still waited for.</summary>
    public bool SendingStopped => _sendingStopped;

    /// <summary>We are closing: connections that end now are no error.</summary>
    public bool Closing => _closing;

    public void StopSending()
    {
        _sendingStopped = true;
        // Before any look at who is sending: who has not claimed it by then finds the stop.
        Interlocked.MemoryBarrier();
    }

    public void BeginClosing() => _closing = true;

    public void Dispose() => Latencies.Dispose();
}
