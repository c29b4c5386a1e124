using System.Collections.Frozen;
using Iocp.Core;

namespace Framing.Binary;

/// <summary>PACKET_HEAD framing: the header of 12 bytes, then the payload.</summary>
public static class BinaryFraming
{
    /// <summary>Makes the framing that a listener or client is given.</summary>
    /// <param name="options">Null: the defaults, which are those of <c>new PacketFraming&lt;PacketHead&gt;()</c>.</param>
    /// <exception cref="ArgumentException">An option is out of range; the message names it, its value and the range.</exception>
    public static PacketFraming<PacketHead> Create(BinaryFramingOptions? options = null)
    {
        options = (options ?? new BinaryFramingOptions()).Validated();
        return new PacketFraming<PacketHead>(new PacketFramingOptions<PacketHead>
        {
            MaxPayloadLength = options.MaxPayloadLength,
            Check = CheckFor(options),
        });
    }

    /// <summary>The rules of the options as one check; null where the header's default check says the same, for that one is inlined.</summary>
    internal static PacketHeadCheck<PacketHead>? CheckFor(BinaryFramingOptions options)
    {
        TotalLengthRule rule = options.TotalLengthRule;
        if (options.AllowedTypes is null)
        {
            return rule == TotalLengthRule.AtLeastCurrent ? null : (in head) => head.CheckTotalLength(rule);
        }

        int max = options.MaxPayloadLength;
        FrozenSet<ushort> types = options.AllowedTypes.ToFrozenSet();
        return (in head) =>
        {
            if (head.CheckTotalLength(rule) is { } rejection)
            {
                return rejection;
            }

            // Where the payload is too long as well, that is named first: by the decoder, which judges it after this.
            return head.CurrentLength > max || types.Contains(head.Type)
                ? null
                : new FrameRejection(RejectionReasons.TypeNotAllowed, nameof(PacketHead.Type), head.Type);
        };
    }
}
