using Iocp.Core;

namespace Framing.Testing.Proving;

/// <summary>Passes everything on, and notes the first breach of what the contract says of a single call.</summary>
internal sealed class WatchedDecoder(IFrameDecoder decoder, int maxFrameLength) : IFrameDecoder, IDisposable
{
    private int _absorbed;

    public Finding? Violation { get; private set; }

    public long BytesInVain { get; private set; }

    public ReadOnlySpan<byte> Assembled
    {
        get
        {
            try
            {
                ReadOnlySpan<byte> assembled = decoder.Assembled;
                if (assembled.Length > maxFrameLength)
                {
                    Note(DecoderRule.MaxFrameLength, $"frames of at most {maxFrameLength} bytes", $"assembled a frame of {assembled.Length} bytes");
                }

                return assembled;
            }
            catch (Exception exception)
            {
                Threw(nameof(Assembled), exception);
                throw;
            }
        }
    }

    public DecodeResult Decode(ReadOnlySpan<byte> unread)
    {
        DecodeResult result;
        try
        {
            result = decoder.Decode(unread);
        }
        catch (Exception exception)
        {
            Threw($"Decode of {unread.Length} bytes", exception);
            throw;
        }

        Judge(result, unread.Length);
        return result;
    }

    public void ReleaseAssembled()
    {
        try
        {
            decoder.ReleaseAssembled();
        }
        catch (Exception exception)
        {
            Threw(nameof(ReleaseAssembled), exception);
            throw;
        }
    }

    public void Dispose()
    {
        try
        {
            (decoder as IDisposable)?.Dispose();
        }
        catch (Exception exception)
        {
            Threw(nameof(Dispose), exception);
        }
    }

    private void Judge(DecodeResult result, int have)
    {
        switch (result.Status)
        {
            case DecodeStatus.NeedMore:
                BytesInVain += have;
                JudgeNeedMore(result.Length, have);
                break;
            case DecodeStatus.Reject when result.Rejection is not null:
                break;
            case DecodeStatus.Frame or DecodeStatus.FrameAssembled or DecodeStatus.Absorb or DecodeStatus.Skip:
                JudgeTaken(result, have);
                break;
            default:
                Note(DecoderRule.LegalResult, "a result made by a method of DecodeResult",
                    result.Status == DecodeStatus.Reject ? "Reject without a rejection" : $"default(DecodeResult), for {have} bytes");
                break;
        }
    }

    private void JudgeNeedMore(int total, int have)
    {
        if (total <= have)
        {
            Note(DecoderRule.NeedMoreGrows, $"NeedMore of at least {have + 1L}, for there are {have} bytes", $"NeedMore({total})");
        }
        else if (total > maxFrameLength - _absorbed)
        {
            string absorbed = _absorbed > 0 ? $", of which {_absorbed} bytes were absorbed" : "";
            Note(DecoderRule.NeedMoreWithinLimit, $"Reject, or NeedMore of at most MaxFrameLength, which is {maxFrameLength}{absorbed}", $"NeedMore({total}), with {have} bytes there");
        }
    }

    private void JudgeTaken(DecodeResult result, int have)
    {
        if (result.Consumed <= 0)
        {
            Note(DecoderRule.LegalResult, $"{result.Status} that takes at least 1 byte", $"{result.Status} that takes {result.Consumed}");
        }
        else if (result.Consumed > have)
        {
            Note(DecoderRule.FrameInsideInput, $"{result.Status} that takes at most the {have} bytes there", $"{result.Status} that takes {result.Consumed}");
        }

        switch (result.Status)
        {
            case DecodeStatus.Frame:
                if (result.Start < 0 || result.Length < 0 || result.Start > result.Consumed - result.Length)
                {
                    Note(DecoderRule.FrameInsideInput, $"a frame inside the {result.Consumed} bytes that it takes", $"a frame of {result.Length} bytes at {result.Start}");
                }

                if (result.Length > maxFrameLength)
                {
                    Note(DecoderRule.MaxFrameLength, $"frames of at most {maxFrameLength} bytes", $"a frame of {result.Length} bytes");
                }

                JudgeWhole(result.Consumed);
                break;
            case DecodeStatus.FrameAssembled:
                JudgeWhole(result.Consumed);
                break;
            case DecodeStatus.Absorb:
                if (result.Consumed > maxFrameLength - _absorbed)
                {
                    Note(DecoderRule.MaxFrameLength, $"at most {maxFrameLength} bytes absorbed for a frame", $"{_absorbed} and {result.Consumed} more");
                }

                _absorbed += Math.Clamp(result.Consumed, 0, maxFrameLength - _absorbed);
                break;
        }
    }

    // What is consumed for a frame counts, the frame's delimiters and what was absorbed included.
    private void JudgeWhole(int consumed)
    {
        if (consumed > maxFrameLength - _absorbed)
        {
            string absorbed = _absorbed > 0 ? $", and {_absorbed} absorbed before" : "";
            Note(DecoderRule.MaxFrameLength, $"at most {maxFrameLength} bytes taken for a frame, all that is consumed with it included", $"{consumed} bytes{absorbed}");
        }

        _absorbed = 0;
    }

    private void Threw(string what, Exception exception)
        => Note(DecoderRule.NoException, "no exception for any input", $"{what} threw {exception.GetType().Name}: {exception.Message}");

    private void Note(DecoderRule rule, string expected, string actual) => Violation ??= new Finding(rule, expected, actual);
}
