using Framing.Properties.Generators;
using FsCheck;
using FsCheck.Fluent;

namespace Framing.Properties.Simulation;

/// <summary>What follows a peer's whole frames.</summary>
public enum StreamEnd { Whole, Cut, Malformed }

/// <summary>What the application does about a frame.</summary>
public enum Reaction { None, Echo, Burst, Pause, Close, Abort, Throw, Stop }

/// <summary>One peer: what it has to say, and how the application will answer, frame by frame and over again.</summary>
public sealed record ConnectionPlan(int[] Payloads, StreamEnd End, Reaction[] Reactions)
{
    public static Gen<ConnectionPlan> Generator { get; } =
        from count in Gen.Choose(0, 8)
        from payloads in Gen.ArrayOf(Gen.Frequency((4, Gen.Choose(0, 10)), (1, Gen.Choose(0, 64))), count)
        from end in Gen.Frequency((3, Gen.Constant(StreamEnd.Whole)), (1, Gen.Constant(StreamEnd.Cut)), (1, Gen.Constant(StreamEnd.Malformed)))
        from reactionCount in Gen.Choose(1, 5)
        from reactions in Gen.ArrayOf(
            Gen.Frequency(
                (20, Gen.Elements(Reaction.None, Reaction.Echo, Reaction.Echo, Reaction.Burst)),
                (3, Gen.Constant(Reaction.Pause)),
                (1, Gen.Elements(Reaction.Close, Reaction.Abort, Reaction.Throw, Reaction.Stop))),
            reactionCount)
        select new ConnectionPlan(payloads, end, reactions);

    public static WireFormat Format { get; } = PacketHeadFormats.All[0];

    public byte[] Stream()
    {
        List<byte> stream = [];
        for (int i = 0; i < Payloads.Length; i++)
        {
            stream.AddRange(Frame(i, Payloads[i]));
        }

        stream.AddRange(End switch
        {
            StreamEnd.Cut => Frame(Payloads.Length, 9)[..^4],
            StreamEnd.Malformed => [.. PacketHeadFormat.Head(-1, 1, 3, 7), 1, 2, 3],
            _ => [],
        });
        return [.. stream];
    }

    public Reaction To(long frame) => Reactions[(int)(frame % Reactions.Length)];

    public IEnumerable<ConnectionPlan> Shrink() =>
    [
        .. Shrinking.Of(Payloads, payload => Shrinking.Of(payload, 0)).Select(payloads => this with { Payloads = payloads }),
        .. Reactions.Length > 1 ? Shrinking.Of(Reactions).Select(reactions => this with { Reactions = reactions }) : [],
        .. Shrinking.Of(Reactions, reaction => reaction == Reaction.None ? [] : [Reaction.None])
            .Where(reactions => reactions.Length == Reactions.Length).Select(reactions => this with { Reactions = reactions }),
        .. End == StreamEnd.Whole ? Array.Empty<ConnectionPlan>() : [this with { End = StreamEnd.Whole }],
    ];

    public override string ToString() => $"payloads [{string.Join(",", Payloads)}] {End}, answered {string.Join(",", Reactions)},...";

    private static byte[] Frame(int number, int payload)
        => [.. PacketHeadFormat.Head(payload, (uint)number, payload, 7), .. Enumerable.Range(0, payload).Select(i => (byte)((number * 37) + i))];
}
