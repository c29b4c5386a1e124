using Iocp.Core;

namespace Framing.Binary;

/// <summary>
/// Which packets make a message: all with the Type and the TotalLength of the first, serial numbers that go up by one (mod 2^32), none of them empty, and payloads that
/// add up to TotalLength. A header is judged before its payload has come. It is a structure, so that a check of outgoing data has one of its own without allocating.
/// </summary>
internal struct MessageRules
{
    private PacketHead _first;
    private uint _nextSerial;
    private int _missing;       // payload bytes; 0: no message is in progress

    /// <summary>Whether a message has begun and is not whole.</summary>
    public readonly bool InProgress => _missing > 0;

    /// <summary>Judges the header of the next packet, which is legal on its own.</summary>
    /// <returns>Null, or why it is not a packet of this message; where several rules break, the first of TotalLength, Type, SerialNumber and CurrentLength.</returns>
    public readonly FrameRejection? Judge(in PacketHead head)
    {
        if (InProgress)
        {
            if (head.TotalLength != _first.TotalLength)
            {
                return new FrameRejection(RejectionReasons.TotalLengthChanged, nameof(PacketHead.TotalLength), head.TotalLength, _first.TotalLength);
            }

            if (head.Type != _first.Type)
            {
                return new FrameRejection(RejectionReasons.TypeChanged, nameof(PacketHead.Type), head.Type, _first.Type);
            }

            if (head.SerialNumber != _nextSerial)
            {
                return new FrameRejection(RejectionReasons.SerialOutOfOrder, nameof(PacketHead.SerialNumber), head.SerialNumber, _nextSerial);
            }

            if (head.CurrentLength > _missing)
            {
                return new FrameRejection(RejectionReasons.MessageOverrun, nameof(PacketHead.CurrentLength), head.CurrentLength, _missing);
            }
        }

        // Without payload it would bring the message no nearer to its end: any number of them could come.
        return head.CurrentLength == 0 && head.TotalLength > 0
            ? new FrameRejection(RejectionReasons.EmptyPacket, nameof(PacketHead.CurrentLength), 0, 1)
            : null;
    }

    /// <summary>The packet of a header that <see cref="Judge"/> allowed has come.</summary>
    /// <returns>Whether the message is whole.</returns>
    public bool Add(in PacketHead head)
    {
        if (!InProgress)
        {
            _first = head;
            _missing = head.TotalLength;
        }

        _missing -= head.CurrentLength;
        _nextSerial = unchecked(head.SerialNumber + 1);
        return _missing == 0;
    }
}
