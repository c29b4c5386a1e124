using Iocp.Core;
using Microsoft.Extensions.Hosting;

namespace Samples;

/// <summary>A server, from the container, as a service of a generic host.</summary>
public sealed class FrameService(FrameServer server) : BackgroundService
{
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await server.StartAsync(cancellationToken);     // here, so that a port in use fails the start of the application
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await server.StopAsync(cancellationToken);      // cancelled when the host's ShutdownTimeout is over: abortive then
        try
        {
            await server.WhenEmptyAsync(cancellationToken);     // handlers and notifications still use what the container disposes of next
        }
        catch (OperationCanceledException)
        {
            // Some did not end in that time.
        }

        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await server.Completion;
        }
        catch
        {
            Environment.ExitCode = 1;       // the engine failed: the host ends the application, with 0 unless it is told otherwise
            throw;
        }
    }
}
