using Iocp.Core;
using Iocp.Core.Engines.Iocp;

namespace Framing.Integration.Engines;

/// <summary>How many accepts are kept outstanding: as many as the options say, more while clients storm in, and never fewer for long.</summary>
public sealed class IocpAcceptTests() : EngineTests(EngineKind.Iocp)
{
    private const int MaxAccepts = 200;

    [Theory]
    [InlineData(1)]
    [InlineData(50)]
    [InlineData(200)]
    public async Task As_many_are_outstanding_as_the_options_say(int accepts)
    {
        await using IocpHeldServer held = await IocpHeldServer.StartAsync(this, accepts);
        await Eventually.EqualAsync(accepts, () => held.Accepts.Count(accept => accept.IsOutstanding), "the number of accepts outstanding");
        for (int i = 0; i < 3; i++)
        {
            using PlainClient client = await held.Server.ConnectAsync();
            await client.EchoAsync();
            await Eventually.EqualAsync(accepts, () => held.Accepts.Count(), "the number of accepts");
        }
    }

    [Fact]
    public async Task A_storm_finds_two_hundred_which_are_given_up_one_by_one_afterwards()
    {
        const int accepts = 20;
        await using IocpHeldServer held = await IocpHeldServer.StartAsync(this, accepts);
        int most = 0;
        for (int storms = 0; most <= accepts; storms++)
        {
            Assert.InRange(storms, 0, 50);
            // While the worker is held, all accepts are taken, and what completes then comes in one batch.
            await held.HoldAsync();
            PlainClient[] clients = await Task.WhenAll(Enumerable.Range(0, 2 * accepts).Select(_ => held.Server.ConnectAsync()));
            held.Release();
            await Task.WhenAll(clients.Select(client => client.EchoAsync()));
            most = await SettledAsync(held);
            Array.ForEach(clients, client => client.Dispose());
        }

        Assert.InRange(most, accepts + 1, MaxAccepts);
        for (int left = most; left > accepts;)
        {
            using PlainClient client = await held.Server.ConnectAsync();
            await client.EchoAsync();
            left--;
            Assert.Equal(left, await SettledAsync(held));
        }

        for (int i = 0; i < 10; i++)
        {
            using PlainClient client = await held.Server.ConnectAsync();
            await client.EchoAsync();
        }

        await Eventually.EqualAsync(accepts, () => held.Accepts.Count(), "the number of accepts");
    }

    [Fact]
    public async Task Accepts_of_clients_that_reset_before_they_were_accepted_are_posted_again()
    {
        const int accepts = 2;
        await using IocpHeldServer held = await IocpHeldServer.StartAsync(this, accepts);
        await held.HoldAsync();
        for (int i = 0; i < 40; i++)
        {
            (await held.Server.ConnectAsync()).Reset();     // all but the first two in the backlog
        }

        held.Release();
        for (int i = 0; i < 2 * accepts; i++)
        {
            using PlainClient client = await held.Server.ConnectAsync();
            await client.EchoAsync();
        }

        Assert.InRange(held.Accepts.Count(), accepts, MaxAccepts);
        await held.Server.EachClosedOnceAsync();
    }

    [Fact]
    public async Task Accepts_that_fail_for_any_other_reason_are_posted_again_after_a_pause()
    {
        const int accepts = 4;
        await using IocpHeldServer held = await IocpHeldServer.StartAsync(this, accepts);
        for (int i = 1; i <= 3; i++)
        {
            await Eventually.EqualAsync(accepts, () => held.Accepts.Count(accept => accept.IsOutstanding), "the number of accepts outstanding");
            int pauses = held.Journal.Count("Accepting on");
            CompletionPort.Cancel(held.Accepts.First().Listener.Handle);
            await Eventually.TrueAsync(() => held.Journal.Count("Accepting on") > pauses, "the log says that accepting pauses");
            using PlainClient client = await held.Server.ConnectAsync();
            await client.EchoAsync();
            Assert.Equal(accepts, held.Accepts.Count());
        }
    }

    // The number of accepts once the worker has seen to all that it had begun: a client has its answer before the accept that brought it is given up.
    private static async Task<int> SettledAsync(IocpHeldServer held)
    {
        await held.HoldAsync();
        int accepts = held.Accepts.Count();
        held.Release();
        return accepts;
    }
}
