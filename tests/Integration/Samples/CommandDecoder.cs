using Iocp.Core;

namespace Samples;

/// <summary>Commands of at most 100 bytes, each ended by CR LF, which is not delivered.</summary>
/// <param name="lookBack">How many bytes that were searched are searched again when more have come.</param>
public sealed class CommandFraming(int lookBack) : IFraming
{
    public string Name => "commands";

    public int MaxFrameLength => 102;

    public IFrameDecoder CreateDecoder() => new CommandDecoder(lookBack, MaxFrameLength);

    public FrameRejection? CheckOutgoing(ReadOnlySpan<byte> data) => null;
}

internal sealed class CommandDecoder(int lookBack, int max) : IFrameDecoder
{
    private int _searched;      // bytes of the command in progress that hold no line end

    public DecodeResult Decode(ReadOnlySpan<byte> unread)
    {
        int found = unread[_searched..].IndexOf("\r\n"u8);
        int length = _searched + found;
        if (found < 0)
        {
            _searched = Math.Max(0, unread.Length - lookBack);
            return unread.Length < max ? DecodeResult.NeedMore(unread.Length + 1) : TooLong;
        }

        _searched = 0;
        return length + 2 <= max ? DecodeResult.Frame(0, length, length + 2) : TooLong;
    }

    private static DecodeResult TooLong => DecodeResult.Reject(new FrameRejection("CommandTooLong"));
}
