namespace Iocp.Core;

/// <summary>A piece of a send queue: bytes [<see cref="Start"/>, <see cref="End"/>) of its buffer wait to be sent, the room behind them may be appended to.</summary>
internal sealed class SendSegment
{
    public const int MinSize = 256;

    /// <summary>Segments of this size keep their buffer while they wait in a pool, alone or in a backlog.</summary>
    public const int KeptSize = 4096;

    public const int MaxSize = 65_536;

    public byte[] Buffer = [];
    public int Start;
    public int End;
    public SendSegment? Next;

    public int Length => End - Start;

    public int Room => Buffer.Length - End;

    public void Reset()
    {
        Start = End = 0;
        Next = null;
    }
}
