using System.Runtime.InteropServices;

namespace Framing.Tool.Output;

/// <summary>SIGINT and SIGTERM as cancellation: the first asks for a graceful stop, the second for an immediate one.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _stopNow = new();
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;
    private int _count;

    public StopSignals()
    {
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
    }

    public CancellationToken Stop => _stop.Token;

    public CancellationToken StopNow => _stopNow.Token;

    public Task WaitForStopAsync() => Task.Delay(Timeout.Infinite, _stop.Token).ContinueWith(static _ => { }, TaskScheduler.Default);

    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();       // not the sources: a signal that came before may still be on its way to them, and they hold nothing
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        (Interlocked.Increment(ref _count) == 1 ? _stop : _stopNow).Cancel();      // two may be handled at once
    }
}
