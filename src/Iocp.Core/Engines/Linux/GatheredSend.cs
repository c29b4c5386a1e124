using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Iocp.Core.Engines.Linux;

/// <summary>What one send operation takes from a send queue.</summary>
internal static unsafe class GatheredSend
{
    /// <summary>Pieces in one send; far below IOV_MAX (1,024).</summary>
    public const int MaxBuffers = 16;

    /// <summary>No further piece is added to this many bytes: more than a socket's send buffer takes at once is seldom of use.</summary>
    public const int MaxBytes = 262_144;

    /// <summary>
    /// Where a piece of a send queue is. Invariant: its array is of <see cref="PinnedArrayPool"/> and at most
    /// <see cref="SendSegment.MaxSize"/> long, so it was allocated pinned, and the queue keeps it until the operation is reported.
    /// </summary>
    public static byte* Address(ArraySegment<byte> piece)
        => (byte*)Unsafe.AsPointer(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(piece.Array!), piece.Offset));

    public static void Fill(IoVector* vectors, List<ArraySegment<byte>> pieces)
    {
        for (int i = 0; i < pieces.Count; i++)
        {
            vectors[i].Base = Address(pieces[i]);
            vectors[i].Length = pieces[i].Count;
        }
    }
}
