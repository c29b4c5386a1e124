using Iocp.Core;

namespace Framing.Properties.Testing;

/// <summary>Lines of less than 200 bytes, delivered without their line feed; a NUL is refused. Decoded by whatever a test gives it.</summary>
internal sealed class LineFraming(Func<IFrameDecoder> create) : IFraming
{
    public const int Max = 200;

    public string Name => "lines";

    public int MaxFrameLength => Max;

    public IFrameDecoder CreateDecoder() => create();

    public FrameRejection? CheckOutgoing(ReadOnlySpan<byte> data) => null;
}

/// <summary>The decoder that is right; those that are broken change one thing.</summary>
internal class LineDecoder : IFrameDecoder
{
    protected int Seen { get; set; }

    protected virtual int Limit => LineFraming.Max;

    public virtual DecodeResult Decode(ReadOnlySpan<byte> unread)
    {
        int at = unread[Seen..].IndexOfAny((byte)'\n', (byte)0);
        if (at < 0)
        {
            return Missing(unread);
        }

        int length = Seen + at;
        Seen = 0;
        if (length >= Limit)
        {
            return DecodeResult.Reject(TooLong);
        }

        return unread[length] == 0 ? DecodeResult.Reject(new FrameRejection("Nul")) : Found(unread, length);
    }

    protected static FrameRejection TooLong { get; } = new("TooLong");

    protected virtual DecodeResult Missing(ReadOnlySpan<byte> unread)
    {
        Seen = unread.Length;
        return unread.Length < LineFraming.Max ? DecodeResult.NeedMore(unread.Length + 1) : DecodeResult.Reject(TooLong);
    }

    protected virtual DecodeResult Found(ReadOnlySpan<byte> unread, int length) => DecodeResult.Frame(0, length, length + 1);
}
