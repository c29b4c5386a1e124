using Iocp.Core;

namespace Framing.Properties.Decoding;

/// <summary>A framing whose decoder is one function: for decoders that break their contract.</summary>
internal sealed class ScriptedFraming(int maxFrameLength, ScriptedDecoder.Script script) : IFraming
{
    public string Name => "scripted";

    public int MaxFrameLength => maxFrameLength;

    public IFrameDecoder CreateDecoder() => new ScriptedDecoder(script);

    public FrameRejection? CheckOutgoing(ReadOnlySpan<byte> data) => null;
}
