using Iocp.Core;

namespace Framing.Binary;

/// <summary>
/// A packet header of fixed size that says how long its payload is. Implement it on a small struct to get the decoder, the limits and
/// the rejections of <see cref="PacketFraming{THead}"/>, compiled for that struct.
/// </summary>
/// <typeparam name="TSelf">The implementing struct.</typeparam>
public interface IPacketHead<TSelf>
    where TSelf : struct, IPacketHead<TSelf>
{
    /// <summary>Length of the header in bytes: at least 1, and always the same.</summary>
    static abstract int Size { get; }

    /// <summary>The name that rejections give to <see cref="PayloadLength"/>; choose a field's own name where its value is the payload's length.</summary>
    static virtual string LengthField => nameof(PayloadLength);

    /// <summary>
    /// Bytes that follow the header in the same frame. What the wire says, unjudged: a negative value is refused with
    /// <see cref="RejectionReasons.FieldOutOfRange"/>, one above the limit with <see cref="RejectionReasons.PayloadTooLong"/>.
    /// A value that an <see cref="int"/> cannot hold: return <see cref="int.MaxValue"/>, or compute it <see langword="checked"/>.
    /// </summary>
    int PayloadLength { get; }

    /// <summary>Reads a header, and judges what no option can make legal: a magic number, a version. Any thread; keeps no state, allocates only to refuse.</summary>
    /// <param name="bytes">Exactly <see cref="Size"/> bytes; valid during the call.</param>
    /// <param name="head">The header, when null is returned.</param>
    /// <returns>Null, or why the header is illegal.</returns>
    static abstract FrameRejection? TryRead(ReadOnlySpan<byte> bytes, out TSelf head);

    /// <summary>The rules that hold unless <see cref="PacketFramingOptions{THead}.Check"/> replaces them; none by default.</summary>
    /// <param name="head">A header that <see cref="TryRead"/> accepted.</param>
    /// <returns>Null, or why the header is illegal.</returns>
    static virtual FrameRejection? DefaultCheck(in TSelf head) => null;
}
