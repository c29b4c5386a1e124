using System.Net;
using System.Text;
using Framing.Testing;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Iocp.Core;
using Xunit;

namespace Samples;

/// <summary>What commands look like on the wire.</summary>
public sealed class Commands : IFrameSource
{
    public static Gen<byte[]> Frame =>
        from command in Gen.OneOf(Gen.Constant("GET"), Gen.Choose(0, 999).Select(number => $"SET {number}"))
        select Encoding.ASCII.GetBytes(command + "\r\n");
}

public sealed class CommandProperties
{
    [Property(Arbitrary = [typeof(FrameArbitraries<Commands>)])]
    public async Task Any_commands_are_answered_in_order_however_they_are_cut(FrameTraffic traffic)
        => Assert.Equal(Answers(traffic.Frames), await AnswersOf(traffic.Reads));

    [Property(Arbitrary = [typeof(FrameArbitraries<Commands>)])]
    public async Task Commands_ahead_of_any_damage_are_answered(DamagedTraffic traffic)
        => Assert.StartsWith(Answers(traffic.FramesAhead), await AnswersOf(traffic.Reads), StringComparison.Ordinal);

    private static string Answers(IEnumerable<byte[]> commands)
    {
        string state = "", answers = "";
        foreach (string command in commands.Select(command => Encoding.ASCII.GetString(command).TrimEnd()))
        {
            state = command == "GET" ? state : command[4..];
            answers += command == "GET" ? $"{state}\r\n" : "OK\r\n";
        }

        return answers;
    }

    private static async Task<string> AnswersOf(IEnumerable<ReadOnlyMemory<byte>> reads)
    {
        await using InMemoryServer server = await InMemoryServer.StartAsync(new FrameServerOptions
        {
            Listeners = { new ListenerOptions { EndPoint = new IPEndPoint(IPAddress.Loopback, 9000), Framing = new CommandFraming(lookBack: 1) } },
            Handler = new CommandHandler(),
        });
        InMemoryPeer peer = await server.ConnectAsync();
        foreach (ReadOnlyMemory<byte> read in reads)
        {
            await peer.SendAsync(read);
        }

        await peer.EndAsync();
        return Encoding.ASCII.GetString(await peer.ReceiveToEndAsync());
    }
}
