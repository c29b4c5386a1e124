using System.Net;
using System.Net.Sockets;
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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_address_that_nobody_answers_leaves_time_for_the_next(bool nextAnswers)
    {
        using var silent = await FullListener.StartAsync(OwnAddress());
        var first = (IPEndPoint)silent.EndPoint;
        using FullListener? alsoSilent = nextAnswers ? null : await FullListener.StartAsync(new IPEndPoint(OwnAddress().Address, first.Port));
        using PlainServer? server = nextAnswers ? new PlainServer(new IPEndPoint(OwnAddress().Address, first.Port)) : null;
        var second = (IPEndPoint)(server?.EndPoint ?? alsoSilent!.EndPoint);
        var time = new FakeTimeProvider();
        await using var client = new TestClient(Tested, configure: options =>
        {
            options.TimeProvider = time;
            options.ConnectTimeout = TimeSpan.FromSeconds(10);
            options.Resolve = Resolve(first.Address, second.Address);
        });
        Task<Connection> connecting = client.Client.ConnectAsync("two", first.Port);
        time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(connecting.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.2));
        if (nextAnswers)
        {
            Assert.Equal(second, (await connecting.Bounded()).RemoteEndPoint);
        }
        else
        {
            time.Advance(TimeSpan.FromSeconds(4.8));
            Assert.False(connecting.IsCompleted);
            time.Advance(TimeSpan.FromSeconds(0.1));
            var late = await Assert.ThrowsAsync<TimeoutException>(() => connecting.Bounded());
            Assert.Contains("ConnectTimeout (00:00:10)", late.Message, StringComparison.Ordinal);
        }

        await client.Client.StopAsync(new CancellationToken(canceled: true)).Bounded();     // the clock stands, and the peer does not end it
    }

    [Fact]
    public async Task Of_the_addresses_of_a_name_the_first_that_answers_is_taken_and_the_last_one_s_error_is_told()
    {
        var nobody = new IPEndPoint(IPAddress.Loopback, 1);     // a port that the system gives to nobody who asks for any
        using var server = new PlainServer(OwnAddress());
        var there = (IPEndPoint)server.EndPoint;
        await using var client = new TestClient(Tested, configure: options => options.Resolve = async (host, family, cancellationToken) => host switch
        {
            "some" => await Resolve(OwnAddress().Address, there.Address, IPAddress.Loopback)(host, family, cancellationToken),
            "refusing" => [nobody.Address, nobody.Address],
            "empty" => [],
            _ => throw new SocketException((int)SocketError.HostNotFound),
        });
        Assert.Equal(there, (await client.Client.ConnectAsync("some", there.Port).Bounded()).RemoteEndPoint);
        await RefusedAsync("refusing", "refusing: 127.0.0.1:1: ", SocketError.ConnectionRefused);
        await RefusedAsync("empty", "empty: ", SocketError.HostNotFound);
        await RefusedAsync("unknown", "unknown: ", SocketError.HostNotFound);
        Assert.Equal(1, client.Client.ConnectionCount);
        await client.Client.StopAsync(new CancellationToken(canceled: true)).Bounded();

        async Task RefusedAsync(string host, string who, SocketError error)
        {
            var refused = await Assert.ThrowsAnyAsync<SocketException>(() => client.Client.ConnectAsync(host, nobody.Port).Bounded());
            Assert.Equal(error, refused.SocketErrorCode);
            Assert.StartsWith(who, refused.Message, StringComparison.Ordinal);
        }
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

    [Theory]
    [InlineData("timeout", "silence:9000 was not reached within ConnectTimeout")]
    [InlineData("token", "The operation was canceled")]
    [InlineData("stop", "The client has stopped")]
    public async Task A_name_server_that_never_answers_keeps_nobody_who_gives_up(string who, string said)
    {
        var time = new FakeTimeProvider();
        await using var client = new TestClient(Tested, configure: options =>
        {
            options.TimeProvider = time;
            options.ConnectTimeout = TimeSpan.FromSeconds(7);
            options.Resolve = (_, _, _) => new TaskCompletionSource<IPAddress[]>().Task;       // as the system's on Linux, it hears of no token
        });
        using var patience = new CancellationTokenSource();
        Task<Connection> connecting = client.Client.ConnectAsync("silence", 9000, patience.Token);
        Assert.False(connecting.IsCompleted);
        switch (who)
        {
            case "timeout":
                time.Advance(TimeSpan.FromSeconds(7));
                break;
            case "token":
                await patience.CancelAsync();
                break;
            default:
                // Also a caller that waits for the stop there: it is not the stop's to run.
                Task waiting = connecting.ContinueWith(_ => Assert.True(client.Client.StopAsync().Wait(Eventually.Limit)), TaskContinuationOptions.ExecuteSynchronously);
                await client.Client.StopAsync().Bounded();
                await waiting.Bounded();
                break;
        }

        Exception? failure = await Record.ExceptionAsync(() => connecting.Bounded());
        Assert.StartsWith(said, failure?.Message, StringComparison.Ordinal);
    }

    private static Func<string, AddressFamily, CancellationToken, Task<IPAddress[]>> Resolve(params IPAddress[] addresses) => (_, _, _) => Task.FromResult(addresses);
}
