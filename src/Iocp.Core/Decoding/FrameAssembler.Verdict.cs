namespace Iocp.Core;

// How decoding ends. A decoder that throws or breaks its contract must cost its own connection only: whatever it did becomes the verdict.
internal partial struct FrameAssembler
{
    public readonly FrameRejection? Rejection => _progress?.Verdict as FrameRejection;

    public readonly Exception? Error => _progress?.Verdict as Exception;

    private readonly bool HasVerdict => _progress?.Verdict is not null;

    private readonly AssemblerStatus Verdict => _progress!.Verdict is FrameRejection ? AssemblerStatus.Rejected : AssemblerStatus.Failed;

    private DecodeResult Decode(ReadOnlySpan<byte> unread)
    {
        try
        {
            return _decoder.Decode(unread);
        }
        catch (Exception exception)
        {
            InProgress.Verdict = exception;
            return default;
        }
    }

    private ReadOnlySpan<byte> Assembled()
    {
        try
        {
            return _decoder.Assembled;
        }
        catch (Exception exception)
        {
            InProgress.Verdict = exception;
            return default;
        }
    }

    private AssemblerStatus Fail(string what, int? maxFrameLength = null)
    {
        string limit = maxFrameLength is not null ? $" (MaxFrameLength is {maxFrameLength})" : "";
        InProgress.Verdict = new InvalidOperationException($"The decoder {_decoder.GetType().Name} {what}{limit}.");
        return AssemblerStatus.Failed;
    }
}
