using Iocp.Core;

namespace Framing.Binary;

/// <summary>One connection's scanner. It is a structure, so that a check of outgoing data has one of its own without allocating.</summary>
internal sealed class DelimiterDecoder(DelimiterFraming framing) : IFrameDecoder
{
    private DelimiterScanner _scanner = new(framing);

    public DecodeResult Decode(ReadOnlySpan<byte> unread) => _scanner.Decode(unread);
}
