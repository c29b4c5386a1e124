namespace Framing.Testing;

/// <summary>What <see cref="DecoderProof"/> holds a decoder to: the contract of <see cref="Iocp.Core.IFrameDecoder"/>, rule by rule.</summary>
public enum DecoderRule
{
    /// <summary>No input makes the framing or its decoder throw.</summary>
    NoException,

    /// <summary>Each result is made by <see cref="Iocp.Core.DecodeResult"/>'s methods, and one that takes bytes takes at least one.</summary>
    LegalResult,

    /// <summary>What a result takes, and the frame in it, lie inside the input of that call.</summary>
    FrameInsideInput,

    /// <summary>No frame is longer than <see cref="Iocp.Core.IFraming.MaxFrameLength"/>, nor is all that is consumed for one, absorbed bytes included.</summary>
    MaxFrameLength,

    /// <summary>NeedMore asks for more bytes than there are.</summary>
    NeedMoreGrows,

    /// <summary>NeedMore never asks for more than MaxFrameLength: what would be longer is refused.</summary>
    NeedMoreWithinLimit,

    /// <summary>A legal sample is not refused and ends between frames, and its frames are those that it states.</summary>
    SampleFrames,

    /// <summary>A sample that must be refused is refused, with the reason that it states.</summary>
    SampleRejection,

    /// <summary>A stream that ends inside a frame does not end clean: the beginning of a frame is kept or absorbed, never skipped.</summary>
    TruncatedTail,

    /// <summary>The same stream gives the same frames and the same rejection, however it is cut into reads.</summary>
    SameForEveryCutting,

    /// <summary>Samples that follow one another in one stream give the frames that they give alone.</summary>
    Coalesced,

    /// <summary>Decoders of two connections know nothing of each other.</summary>
    SeparateConnections,

    /// <summary>In steady state nothing is allocated for a frame.</summary>
    NoAllocation,

    /// <summary>The work is linear in the bytes received: bytes that were looked at in vain are not looked at again.</summary>
    LinearWork,
}
