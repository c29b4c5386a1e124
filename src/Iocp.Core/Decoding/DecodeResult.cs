namespace Iocp.Core;

/// <summary>What <see cref="IFrameDecoder.Decode"/> found at the beginning of the unread bytes.</summary>
public enum DecodeStatus
{
    /// <summary>Not a result: <c>default(DecodeResult)</c> closes the connection with <see cref="CloseReason.DecoderFailed"/>.</summary>
    None,

    /// <summary>A frame that is a slice of the unread bytes.</summary>
    Frame,

    /// <summary>A frame that the decoder holds itself, in <see cref="IFrameDecoder.Assembled"/>.</summary>
    FrameAssembled,

    /// <summary>Bytes inside a frame were taken by the decoder; the end of the stream would now truncate that frame.</summary>
    Absorb,

    /// <summary>Bytes that belong to no frame were passed over.</summary>
    Skip,

    /// <summary>There is nothing to decide before more bytes have come.</summary>
    NeedMore,

    /// <summary>The stream is illegal from here on; the connection ends.</summary>
    Reject,
}

/// <summary>The result of one <see cref="IFrameDecoder.Decode"/>; made by the static methods only.</summary>
public readonly struct DecodeResult
{
    private DecodeResult(DecodeStatus status, int start, int length, int consumed, FrameRejection? rejection)
        => (Status, Start, Length, Consumed, Rejection) = (status, start, length, consumed, rejection);

    /// <summary>What was found.</summary>
    public DecodeStatus Status { get; }

    /// <summary>For <see cref="DecodeStatus.Frame"/>: where the frame begins in the unread bytes, in bytes.</summary>
    public int Start { get; }

    /// <summary>For <see cref="DecodeStatus.Frame"/>: length of the frame; for <see cref="DecodeStatus.NeedMore"/>: total unread bytes wanted.</summary>
    public int Length { get; }

    /// <summary>Bytes taken from the front of the unread bytes: at least 1, and 0 for <see cref="DecodeStatus.NeedMore"/> and <see cref="DecodeStatus.Reject"/>.</summary>
    public int Consumed { get; }

    /// <summary>For <see cref="DecodeStatus.Reject"/>: why.</summary>
    public FrameRejection? Rejection { get; }

    /// <summary>The first <paramref name="length"/> unread bytes are a frame.</summary>
    public static DecodeResult Frame(int length) => new(DecodeStatus.Frame, 0, length, length, null);

    /// <summary>
    /// <paramref name="length"/> bytes at <paramref name="start"/> are a frame, and <paramref name="consumed"/> bytes
    /// (delimiters around it included) are done with; <c>start + length &lt;= consumed</c>, and with what was absorbed of this frame no more than <see cref="IFraming.MaxFrameLength"/>.
    /// </summary>
    public static DecodeResult Frame(int start, int length, int consumed) => new(DecodeStatus.Frame, start, length, consumed, null);

    /// <summary>
    /// With these <paramref name="consumed"/> bytes the frame in <see cref="IFrameDecoder.Assembled"/> is whole. With those absorbed of it before they are no more than
    /// <see cref="IFraming.MaxFrameLength"/>, and neither is the frame.
    /// </summary>
    public static DecodeResult FrameAssembled(int consumed) => new(DecodeStatus.FrameAssembled, 0, 0, consumed, null);

    /// <summary>The decoder took <paramref name="consumed"/> bytes that are part of a frame it assembles itself; of one frame no more than <see cref="IFraming.MaxFrameLength"/> in all.</summary>
    public static DecodeResult Absorb(int consumed) => new(DecodeStatus.Absorb, 0, 0, consumed, null);

    /// <summary>The first <paramref name="consumed"/> bytes belong to no frame.</summary>
    public static DecodeResult Skip(int consumed) => new(DecodeStatus.Skip, 0, 0, consumed, null);

    /// <summary>
    /// Do not ask again before <paramref name="total"/> unread bytes are there, counted from the first byte of this call's input:
    /// more than it had, and no more than <see cref="IFraming.MaxFrameLength"/> less what was absorbed of this frame.
    /// </summary>
    public static DecodeResult NeedMore(int total) => new(DecodeStatus.NeedMore, 0, total, 0, null);

    /// <summary>The stream is illegal. The core adds the offset and the index of the refused frame.</summary>
    public static DecodeResult Reject(FrameRejection rejection) => new(DecodeStatus.Reject, 0, 0, 0, rejection);
}
