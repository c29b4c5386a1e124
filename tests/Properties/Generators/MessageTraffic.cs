using Framing.Binary;
using Framing.Properties.Decoding;
using FsCheck;
using FsCheck.Fluent;

namespace Framing.Properties.Generators;

/// <summary>Limits and a stream of messages, all from one seed: whole ones, ones with a packet that does not belong, and chance. Made without the product's code.</summary>
public sealed class MessageTraffic
{
    private readonly int _seed;
    private Random _random;
    private int _longest = 3000;

    public MessageTraffic(int seed)
    {
        _seed = seed;
        _random = new Random(seed);
        Options = new BinaryFramingOptions
        {
            MaxMessageLength = Any(1, 20, 100, 3000, 1 << 20),
            MaxPayloadLength = Any(1, 7, 40, 8192),
            AllowedTypes = _random.Next(3) == 0 ? [1, 2, 500] : null,
        };
        Bytes = Stream(_random);
    }

    public BinaryFramingOptions Options { get; }

    public byte[] Bytes { get; }

    /// <summary>Another stream under the same limits, of short messages: the reference's work grows with the square of a message's packets.</summary>
    public byte[] ShortStream(Random random)
    {
        _longest = 60;
        return Stream(random);
    }

    private byte[] Stream(Random random)
    {
        _random = random;
        List<byte> bytes = [];
        for (int pieces = _random.Next(0, 6); pieces > 0; pieces--)
            bytes.AddRange(_random.Next(12) == 0 ? Chance(_random.Next(1, 40)) : _random.Next(6) == 0 ? Spoilt(Message()) : Message().SelectMany(packet => packet));
        return [.. bytes];
    }

    public override string ToString()
        => $"seed {_seed}: max {Options.MaxMessageLength} by {Options.MaxPayloadLength}, types {Options.AllowedTypes?.Count}, {Describe.Bytes(Bytes)}";

    private List<byte[]> Message()
    {
        byte[] payload = Chance(Any(0, 1, _random.Next(60), _random.Next(60), Math.Min(_longest, Options.MaxMessageLength)));
        payload = payload[..Math.Min(payload.Length, Options.MaxMessageLength)];
        uint serial = Any(0u, 1u, 0x7fffffffu, 0xfffffffeu, 0xffffffffu);
        ushort type = Any<ushort>(1, 2, 500);
        List<byte[]> packets = [];
        int most = Any(1, 3, 40, 8192);
        for (int at = 0; at < payload.Length || packets.Count == 0;)
        {
            int current = Math.Min(payload.Length - at, Math.Min(Options.MaxPayloadLength, _random.Next(1, most + 1)));
            packets.Add([.. PacketHeadFormat.Head(payload.Length, serial++, current, type), .. payload[at..(at + current)]]);
            at += current;
        }

        return packets;
    }

    // One thing wrong, most often in a packet behind the first.
    private IEnumerable<byte> Spoilt(List<byte[]> packets)
    {
        int at = _random.Next(packets.Count);
        byte[] packet = packets[at];
        switch (_random.Next(9))
        {
            case 0:
                packet[_random.Next(packet.Length)] ^= (byte)(1 << _random.Next(8));
                break;
            case 1:
                packet[_random.Next(4)] += (byte)Any(1, 255);       // TotalLength
                break;
            case 2:
                packet[4] += (byte)Any(1, 255);                     // SerialNumber: a gap, or the one before
                break;
            case 3:
                packet[10] += 1;                                    // Type
                break;
            case 4:
                packets.Insert(at + 1, packet);                     // a repeat
                break;
            case 5:
                packets.RemoveAt(at);
                break;
            case 6:
                packets.Insert(at, [.. packet[..8], 0, 0, .. packet[10..12]]);      // an empty packet, in order
                break;
            case 7:
                packets[at] = [.. packet[..8], (byte)(packet[8] + 1), .. packet[9..], 7];       // one byte more than there should be
                break;
            default:
                packets.Reverse();
                break;
        }

        return packets.SelectMany(each => each);
    }

    private byte[] Chance(int count)
    {
        byte[] bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }

    private T Any<T>(params T[] values) => values[_random.Next(values.Length)];
}

/// <summary>Registered with <c>[Properties(Arbitrary = ...)]</c>.</summary>
public static class MessageTraffics
{
    public static Arbitrary<MessageTraffic> Any() => Arb.From(Gen.Choose(0, int.MaxValue - 1).Select(seed => new MessageTraffic(seed)));
}
