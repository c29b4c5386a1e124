using Iocp.Core;

namespace Framing.Xml;

/// <summary>Whatever is unread is one frame; the stateless framing is its own decoder.</summary>
internal sealed class RawChunkFraming : IFraming, IFrameDecoder
{
    public string Name => "xml-raw";

    // A chunk is as long as the read that brought it: the receive buffer is the limit, not this.
    public int MaxFrameLength => Array.MaxLength;

    public IFrameDecoder CreateDecoder() => this;

    public DecodeResult Decode(ReadOnlySpan<byte> unread) => DecodeResult.Frame(unread.Length);

    public FrameRejection? CheckOutgoing(ReadOnlySpan<byte> data)
        => data.IsEmpty ? new FrameRejection(RejectionReasons.EmptyData) : null;
}
