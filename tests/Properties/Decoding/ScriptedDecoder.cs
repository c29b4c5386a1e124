using Iocp.Core;

namespace Framing.Properties.Decoding;

/// <summary>A decoder that is one function; what it assembles is 1,000 bytes.</summary>
internal sealed class ScriptedDecoder(ScriptedDecoder.Script script) : IFrameDecoder
{
    public delegate DecodeResult Script(ReadOnlySpan<byte> unread);

    public DecodeResult Decode(ReadOnlySpan<byte> unread) => script(unread);

    public ReadOnlySpan<byte> Assembled => new byte[1000];
}
