using System.Net.Sockets;
using Framing.Tool.Output;
using Framing.Tool.Parsing;

namespace Framing.Tool.Load;

/// <summary>What a run is doing, for the one who watches.</summary>
/// <param name="Stage">In words.</param>
/// <param name="Done">How much of the stage is done, 0 to 1.</param>
internal readonly record struct LoadStage(string Stage, double Done);

/// <summary>One run: open, greet, send for a while, wait for what is outstanding, close.</summary>
internal sealed class LoadRun(LoadContext context, Action<LoadStage> watch)
{
    private const int OpenAtOnce = 64;

    /// <summary>Without a sign of life for so long, what is outstanding is lost.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly LoadConnection?[] _connections = new LoadConnection?[context.Settings.Connections];

    // A look goes over all connections: rarer where they are many, or looking would be the load.
    private readonly TimeSpan _look = TimeSpan.FromMilliseconds(20 + (context.Settings.Connections / 2_000));
    private int _opened;

    /// <summary>The first signal ends the sending, the second the waiting.</summary>
    public async Task<LoadResult> RunAsync(StopSignals signals)
    {
        var stop = signals.Stop;
        var settings = context.Settings;
        await using LoadTransport transport = settings.Split ? new SplitTransport(context) : new ClientTransport(context);
        await OpenAsync(transport, stop);
        if (!stop.IsCancellationRequested)
            await SendEachAsync("first echoes", 1, stop);
        var greetings = Count(static received => Math.Min(received, 1));

        context.StartedAt = context.Time.GetTimestamp();
        if (greetings > 0)
            await SendAsync(stop);
        var interrupted = stop.IsCancellationRequested;
        context.StopSending();
        var elapsed = context.Time.GetElapsedTime(context.StartedAt);
        var messages = Count(static received => Math.Max(received - 1, 0));     // not a greeting that came late

        // Who was waited for in vain is not waited for again.
        if (greetings > 0 || interrupted)
        {
            await SettleAsync(
                "waiting for the last echoes",
                static connection => connection.Failed || (!connection.Sending && connection.Received == connection.Sent),
                signals.StopNow);
        }

        interrupted |= signals.StopNow.IsCancellationRequested;
        context.BeginClosing();
        CountLosses();
        var notSent = settings.Rate is null ? 0 : _connections.Sum(static connection => connection?.NotSent ?? 0);
        var verified = Received();
        await transport.DisposeAsync();
        return new LoadResult(settings, interrupted, greetings, messages, verified, notSent, elapsed, context.Pattern.Length, context.Latencies.Summarise(), context.Errors);
    }

    private async Task OpenAsync(LoadTransport transport, CancellationToken stop)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = OpenAtOnce };
        await Parallel.ForAsync(0, _connections.Length, options, async (index, _) =>
        {
            if (stop.IsCancellationRequested)
                return;
            try
            {
                var source = SourceAddresses.Choose(context.Settings.Target, _connections.Length, index);
                _connections[index] = await transport.OpenAsync(index, context.Settings.Target, source, stop);
            }
            catch (Exception e) when (e is SocketException or TimeoutException or InvalidOperationException)
            {
                context.Errors.AddConnect(index, e switch
                {
                    SocketException { SocketErrorCode: SocketError.TooManyOpenSockets } => "the process may open no more descriptors (ulimit -n)",
                    SocketException error => EndPointText.Unreached(context.Settings.Target, error),
                    _ => e.Message,
                });
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }

            watch(new LoadStage("connecting", Interlocked.Increment(ref _opened) / (double)_connections.Length));
        });
    }

    // One message there and back on each connection. At first: so every connection is accepted, and warm, before the time is taken.
    private Task SendEachAsync(string stage, int round, CancellationToken stop)
    {
        foreach (var connection in _connections)
        {
            connection?.Release(1);
            connection?.SendDue();
        }

        return SettleAsync(stage, connection => connection.Failed || connection.Received >= round, stop);
    }

    private async Task SendAsync(CancellationToken stop)
    {
        var settings = context.Settings;
        var pacer = settings.Hold ? null : StartSending(settings.Rate);
        await PassAsync(settings.Hold ? "holding" : "sending", settings.Duration, stop);
        if (settings.Hold && !stop.IsCancellationRequested)
            await SendEachAsync("echoes again", 2, stop);
        pacer?.Stop();
    }

    private Pacer? StartSending(int? rate)
    {
        if (rate is { } perSecond)
        {
            var pacer = new Pacer(context, _connections, perSecond);
            pacer.Start();
            return pacer;
        }

        foreach (var connection in _connections)
        {
            connection?.Release(long.MaxValue / 2);
            connection?.SendDue();
        }

        return null;
    }

    private async Task PassAsync(string stage, TimeSpan duration, CancellationToken stop)
    {
        while (context.Time.GetElapsedTime(context.StartedAt) is var elapsed && elapsed < duration && !stop.IsCancellationRequested && AnyAlive())
        {
            watch(new LoadStage(stage, elapsed / duration));
            var rest = duration - elapsed;
            await Task.Delay(rest < _look ? rest : _look, CancellationToken.None);
        }
    }

    // Until every connection is settled, or nothing has come for a while.
    private async Task SettleAsync(string stage, Func<LoadConnection, bool> settled, CancellationToken stop)
    {
        var progressAt = context.Time.GetTimestamp();
        var received = Received();
        while (!stop.IsCancellationRequested && context.Time.GetElapsedTime(progressAt) < Patience)
        {
            var open = _connections.Count(connection => connection is not null && !settled(connection));
            watch(new LoadStage(stage, 1 - (open / (double)_connections.Length)));
            if (open == 0)
                return;
            await Task.Delay(_look, CancellationToken.None);
            if (Received() is var now && now != received)
                (received, progressAt) = (now, context.Time.GetTimestamp());
        }
    }

    private void CountLosses()
    {
        for (var i = 0; i < _connections.Length; i++)
        {
            if (_connections[i] is { } connection && connection.Sent - connection.Received is > 0 and var lost)
                context.Errors.AddLost(i, lost, connection.Answered);
        }
    }

    // When nobody is left there is nothing to wait for.
    private bool AnyAlive() => _connections.Any(static connection => connection is { Failed: false });

    private long Received() => Count(static received => received);

    private long Count(Func<long, long> part) => _connections.Sum(connection => part(connection?.Received ?? 0));
}
