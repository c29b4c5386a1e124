using Iocp.Core;
using Iocp.Core.Engines.Iocp;

namespace Framing.Integration.Engines;

/// <summary>
/// Operations that fail for want of buffers. No system can be made to fail them at will: the status that the kernel wrote is overwritten before the
/// worker, which is held meanwhile, comes to see it.
/// </summary>
public sealed class IocpShortageTests() : EngineTests(EngineKind.Iocp)
{
    private const string Why = "Overwrites a status before it is looked at; Windows may write it only then.";
    private const uint Pending = 0x103;                     // STATUS_PENDING
    private const uint Cancelled = 0xC0000120;              // STATUS_CANCELLED
    private const uint InsufficientResources = 0xC000009A;  // STATUS_INSUFFICIENT_RESOURCES, which is WSAENOBUFS

    [Fact]
    public async Task A_receive_is_tried_again()
    {
        Assert.SkipUnless(Wine.IsHere, Why);
        await using IocpHeldServer held = await IocpHeldServer.StartAsync(this);
        (PlainClient client, Connection connection) = await held.Server.ConnectBothAsync();
        await client.EchoAsync(1);
        for (uint i = 2; i < 5; i++)
        {
            int shortages = held.Journal.Count("Receiving or sending is short");
            ReceiveOperation? receive = null;
            await Eventually.TrueAsync(() => (receive = held.Of<ReceiveOperation>().FirstOrDefault(of => of.Connection == connection && Status(of) == Pending)) is not null, "the receive is outstanding");
            await held.HoldAsync();
            await client.SendAsync(Packets.Make(20, i));
            await Eventually.EqualAsync(0u, () => Status(receive!), "the status of the receive");
            Overwrite(receive!);
            held.Release();
            Assert.Equal(Packets.Make(20, i), await client.ReceiveFrameAsync());
            Assert.Equal(shortages + 1, held.Journal.Count("Receiving or sending is short"));
        }

        Assert.Empty(held.Server.Closed);
        client.Dispose();
    }

    [Fact]
    public async Task A_send_is_tried_again()
    {
        byte[] data = Packets.MakeMany(Enumerable.Repeat(8000, 2000));
        Assert.SkipUnless(Wine.IsHere, Why);
        await using IocpHeldServer held = await IocpHeldServer.StartAsync(this);
        (PlainClient client, Connection connection) = await held.Server.ConnectBothAsync();
        Assert.Equal(SendStatus.Queued, connection.Send(data).Status);
        SendOperation? send = null;
        while (true)
        {
            await held.HoldAsync();
            if (held.Of<SendOperation>().FirstOrDefault(of => of.Connection == connection && Status(of) == Pending) is { } outstanding)
            {
                Cancel(outstanding);
                await Eventually.TrueAsync(() => Status(outstanding) != Pending, "the send is not outstanding any more");
                if (Status(outstanding) == Cancelled)
                {
                    send = outstanding;
                    break;
                }
            }

            held.Release();     // the client's side took it all just now: soon it is full
        }

        Overwrite(send);
        held.Release();

        // Wine may have sent a part of what it says was cancelled.
        await client.ReceiveAsync(data.Length);
        Assert.Equal(1, held.Journal.Count("Receiving or sending is short"));
        Assert.Empty(held.Server.Closed);
        client.Dispose();
    }

    private static unsafe uint Status(Operation operation) => (uint)Volatile.Read(ref operation.Block->Overlapped.Internal);

    private static unsafe void Cancel(SendOperation send) => Kernel32.CancelIoEx(send.Connection!.Handle, &send.Block->Overlapped);

    private static unsafe void Overwrite(Operation operation) => operation.Block->Overlapped.Internal = InsufficientResources;
}
