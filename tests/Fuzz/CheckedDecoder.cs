using Iocp.Core;

namespace Framing.Fuzz;

/// <summary>Asks a decoder, and throws when its answer breaks the contract of <see cref="IFrameDecoder"/>. (The assembler closes the connection with what it throws.)</summary>
internal sealed class CheckedDecoder(IFrameDecoder decoder, int maxFrameLength) : IFrameDecoder, IDisposable
{
    private int _calls;
    private int _absorbed;

    public ReadOnlySpan<byte> Assembled => decoder.Assembled;

    /// <summary>Whether the last frame is no slice of the stream.</summary>
    public bool HasAssembled { get; private set; }

    public DecodeResult Decode(ReadOnlySpan<byte> unread)
    {
        if (unread.IsEmpty)
            throw new ContractException("nothing to decode");
        if (++_calls > 1_000_000)
            throw new ContractException("a million calls for one stream");

        DecodeResult result = decoder.Decode(unread);
        bool kept = result.Status switch
        {
            DecodeStatus.NeedMore => result.Consumed == 0 && result.Length > unread.Length && result.Length <= maxFrameLength - _absorbed,
            DecodeStatus.Frame => result.Start >= 0 && result.Length >= 0 && result.Consumed > 0 && result.Consumed <= Math.Min(unread.Length, maxFrameLength - _absorbed) && result.Start <= result.Consumed - result.Length,
            DecodeStatus.Absorb or DecodeStatus.FrameAssembled => result.Consumed > 0 && result.Consumed <= Math.Min(unread.Length, maxFrameLength - _absorbed),
            DecodeStatus.Skip => result.Consumed > 0 && result.Consumed <= unread.Length,
            DecodeStatus.Reject => result.Rejection is { Reason.Length: > 0 } && result.Consumed == 0,
            _ => false,
        };
        if (!kept)
            throw new ContractException($"{result.Status} start {result.Start} length {result.Length} consumed {result.Consumed} of {unread.Length} bytes");
        HasAssembled = result.Status == DecodeStatus.FrameAssembled;
        _absorbed = result.Status switch
        {
            DecodeStatus.Absorb => _absorbed + result.Consumed,
            DecodeStatus.NeedMore => _absorbed,
            _ => 0,
        };
        return result;
    }

    public void ReleaseAssembled() => decoder.ReleaseAssembled();

    public void Dispose() => (decoder as IDisposable)?.Dispose();
}
