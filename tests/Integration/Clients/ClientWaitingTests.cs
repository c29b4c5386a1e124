using System.Net;
using Iocp.Core;
using Microsoft.Extensions.Time.Testing;

namespace Framing.Integration;

/// <summary>Connects that nobody answers: to a listener whose backlog is full.</summary>
public abstract class ClientWaitingTests(TestedEngine engine) : EngineTests(engine)
{
    [Fact]
    public async Task ConnectTimeout_ends_a_connect_that_nobody_answers()
    {
        using var silent = await FullListener.StartAsync();
        var time = new FakeTimeProvider();
        await using var client = new TestClient(Tested, configure: options =>
        {
            options.TimeProvider = time;
            options.ConnectTimeout = TimeSpan.FromSeconds(7);
        });
        Task<Connection> connecting = client.Client.ConnectAsync(silent.EndPoint);
        time.Advance(TimeSpan.FromSeconds(6.9));
        Assert.False(connecting.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.1));
        var late = await Assert.ThrowsAsync<TimeoutException>(() => connecting.Bounded());
        Assert.Contains("ConnectTimeout (00:00:07)", late.Message, StringComparison.Ordinal);
        Assert.Equal(0, client.Client.ConnectionCount);
    }

    [Fact]
    public async Task A_connect_may_be_cancelled()
    {
        using var silent = await FullListener.StartAsync();
        await using var client = new TestClient(Tested);
        using var cancellation = new CancellationTokenSource();
        Task<Connection> connecting = client.Client.ConnectAsync(silent.EndPoint, cancellationToken: cancellation.Token);
        Assert.False(connecting.IsCompleted);
        await cancellation.CancelAsync();
        Assert.Equal(cancellation.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting.Bounded())).CancellationToken);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.Client.ConnectAsync(silent.EndPoint, cancellationToken: cancellation.Token));
        Assert.Equal(0, client.Client.ConnectionCount);
    }

    [Fact]
    public async Task A_connect_to_a_UNIX_socket_waits_for_room_in_the_backlog()
    {
        using var file = new SocketFile();
        using var full = await FullListener.StartAsync(file.EndPoint);
        await using var client = new TestClient(Tested);
        using var cancellation = new CancellationTokenSource();
        Task<Connection> cancelled = client.Client.ConnectAsync(full.EndPoint, cancellationToken: cancellation.Token);
        Task<Connection> connecting = client.Client.ConnectAsync(full.EndPoint);
        Assert.False(cancelled.IsCompleted);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.Bounded());
        Assert.False(connecting.IsCompleted);
        await full.AcceptAllAsync();
        Connection connection = await connecting.Bounded();
        Assert.Equal(file.Path, connection.RemoteEndPoint?.ToString());
    }

    [Fact]
    public async Task A_stop_ends_a_connect_in_progress()
    {
        using var silent = await FullListener.StartAsync();
        await using var client = new TestClient(Tested);
        Task<Connection> connecting = client.Client.ConnectAsync(silent.EndPoint);
        Assert.False(connecting.IsCompleted);
        await client.Client.StopAsync().Bounded();
        Assert.IsType<InvalidOperationException>(await Record.ExceptionAsync(() => connecting.Bounded()));
    }
}
