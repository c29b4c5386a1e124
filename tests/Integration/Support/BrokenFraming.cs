using Iocp.Core;

namespace Framing.Integration;

/// <summary>Frames of one byte each, until an 'X' comes: then the decoder does what it was given to do.</summary>
internal sealed class BrokenFraming(Func<byte[], DecodeResult> atX, Action? atDispose = null, Func<int, bool>? mayCreate = null) : IFraming
{
    private int _created;

    public string Name => "broken";

    public int MaxFrameLength => 100;

    public IFrameDecoder CreateDecoder() => mayCreate?.Invoke(_created++) ?? true
        ? new Decoder(atX, atDispose)
        : throw new InvalidOperationException("no decoder");

    public FrameRejection? CheckOutgoing(ReadOnlySpan<byte> data) => null;

    private sealed class Decoder(Func<byte[], DecodeResult> atX, Action? atDispose) : IFrameDecoder, IDisposable
    {
        public DecodeResult Decode(ReadOnlySpan<byte> unread) => unread[0] == 'X' ? atX(unread.ToArray()) : DecodeResult.Frame(1);

        public void Dispose() => atDispose?.Invoke();
    }
}
