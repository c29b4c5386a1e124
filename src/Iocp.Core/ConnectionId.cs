using System.Globalization;

namespace Iocp.Core;

/// <summary>
/// Names one connection of one host for ever: a 24-bit slot (low bits) and a 40-bit generation that grows each time the slot is used again,
/// so that the id of a closed connection never reaches a newer one. Generations begin anywhere, so that an id of another host, or of one before a restart, is as good
/// as certain to reach nobody. 0 is nobody.
/// </summary>
/// <param name="Value">The 64 bits; opaque, safe to log, to send and to store.</param>
public readonly record struct ConnectionId(ulong Value)
{
    internal const int SlotBits = 24;
    internal const int MaxSlots = 1 << SlotBits;
    internal const long MaxGeneration = (1L << (64 - SlotBits)) - 1;

    internal ConnectionId(int slot, long generation)
        : this(((ulong)generation << SlotBits) | (uint)slot)
    {
    }

    internal int Slot => (int)(Value & (MaxSlots - 1));

    internal long Generation => (long)(Value >> SlotBits);

    /// <summary>Slot and generation, as in <c>17.3</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Slot}.{Generation}");
}
