using System.Buffers.Text;
using Iocp.Core;

namespace Framing.Properties.Testing;

internal sealed class AllocatingDecoder : LineDecoder
{
    private byte[] _line = [];

    public int Length => _line.Length;

    protected override DecodeResult Found(ReadOnlySpan<byte> unread, int length)
    {
        _line = unread[..length].ToArray();
        return base.Found(unread, length);
    }
}

internal sealed class ThrowingDecoder : LineDecoder
{
    protected override DecodeResult Found(ReadOnlySpan<byte> unread, int length)
    {
        byte first = unread[..length][0];       // an empty line has none
        return first == 0 ? DecodeResult.Reject(TooLong) : base.Found(unread, length);
    }
}

internal sealed class ImpatientDecoder : LineDecoder
{
    protected override DecodeResult Missing(ReadOnlySpan<byte> unread) => DecodeResult.NeedMore(unread.Length);
}

internal sealed class InsatiableDecoder : LineDecoder
{
    protected override DecodeResult Missing(ReadOnlySpan<byte> unread)
    {
        Seen = unread.Length;
        return DecodeResult.NeedMore(unread.Length + 1);
    }
}

/// <summary>Takes the end of the read for the end of the line.</summary>
internal sealed class CuttingDecoder : LineDecoder
{
    protected override DecodeResult Missing(ReadOnlySpan<byte> unread)
    {
        if (unread.Length is <= 3 or >= LineFraming.Max)
        {
            return base.Missing(unread);
        }

        Seen = 0;
        return DecodeResult.Frame(unread.Length);
    }
}

/// <summary>Believes that it has looked at one byte more than it has.</summary>
internal sealed class ForgetfulDecoder : LineDecoder
{
    protected override DecodeResult Missing(ReadOnlySpan<byte> unread)
    {
        DecodeResult result = base.Missing(unread);
        Seen++;         // one byte is never looked at
        return result.Status == DecodeStatus.NeedMore && Seen <= LineFraming.Max ? DecodeResult.NeedMore(Seen) : DecodeResult.Reject(TooLong);
    }
}

internal sealed class OutsideDecoder : LineDecoder
{
    protected override DecodeResult Found(ReadOnlySpan<byte> unread, int length) => DecodeResult.Frame(0, length + 1, length + 1 + (length == 2 ? 1 : 0));
}

internal sealed class QuadraticDecoder : LineDecoder
{
    protected override DecodeResult Missing(ReadOnlySpan<byte> unread)
    {
        DecodeResult result = base.Missing(unread);
        Seen = 0;
        return result;
    }
}

/// <summary>Asks for no more once it has 128 bytes, which the limit allows and no short sample reaches: waits for ever.</summary>
internal sealed class StallingDecoder : LineDecoder
{
    protected override DecodeResult Missing(ReadOnlySpan<byte> unread)
    {
        Seen = unread.Length;
        return DecodeResult.NeedMore(Math.Min(unread.Length + 1, 128));
    }
}

/// <summary>Passes over nothing when 64 bytes have not ended.</summary>
internal sealed class PassingDecoder : LineDecoder
{
    protected override DecodeResult Missing(ReadOnlySpan<byte> unread) => unread.Length < 64 ? base.Missing(unread) : DecodeResult.Skip(0);
}

/// <summary>Copies what has not ended to where there is room for 64 bytes.</summary>
internal sealed class OverrunningDecoder : LineDecoder
{
    private readonly byte[] _line = new byte[64];

    protected override DecodeResult Missing(ReadOnlySpan<byte> unread)
    {
        for (int i = Seen; i < unread.Length; i++)
        {
            _line[i] = unread[i];
        }

        return base.Missing(unread);
    }
}

/// <summary>Passes over what has not ended.</summary>
internal sealed class SwallowingDecoder : LineDecoder
{
    protected override DecodeResult Missing(ReadOnlySpan<byte> unread) => DecodeResult.Skip(unread.Length);
}

internal sealed class IdleDecoder : LineDecoder
{
    protected override DecodeResult Found(ReadOnlySpan<byte> unread, int length) => length == 0 ? DecodeResult.Skip(0) : base.Found(unread, length);
}

internal sealed class EmptyResultDecoder : LineDecoder
{
    protected override DecodeResult Found(ReadOnlySpan<byte> unread, int length) => length == 0 ? default : base.Found(unread, length);
}

/// <summary>Notices that a line is too long only while its end is missing.</summary>
internal sealed class GenerousDecoder : LineDecoder
{
    protected override int Limit => int.MaxValue;
}

/// <summary>Delivers only the first of several lines in a stream as it is.</summary>
internal sealed class FirstOnlyDecoder : LineDecoder
{
    private bool _hadLongLine;

    protected override DecodeResult Found(ReadOnlySpan<byte> unread, int length)
    {
        if (_hadLongLine && length == 0)
        {
            return DecodeResult.Skip(1);
        }

        _hadLongLine |= length > 8;
        return base.Found(unread, length);
    }
}

/// <summary>Refuses the hundred and first line.</summary>
internal sealed class TiringDecoder : LineDecoder
{
    private int _lines;

    protected override DecodeResult Found(ReadOnlySpan<byte> unread, int length) => ++_lines > 100 ? DecodeResult.Reject(TooLong) : base.Found(unread, length);
}

/// <summary>Delivers the last of many lines too early, and only if it is the first that a read cuts, and that before its line feed.</summary>
internal sealed class LateDecoder : LineDecoder
{
    public const int Lines = 400;

    private int _lines;
    private bool _cut;

    protected override DecodeResult Found(ReadOnlySpan<byte> unread, int length)
    {
        _lines++;
        return base.Found(unread, length);
    }

    protected override DecodeResult Missing(ReadOnlySpan<byte> unread)
    {
        bool first = !_cut;
        _cut = true;
        return first && _lines == Lines - 1 && unread.Length == 99 ? DecodeResult.Frame(99) : base.Missing(unread);
    }
}

/// <summary>Assembles each line in memory of its own, and cannot give it back.</summary>
internal sealed class HoardingDecoder : LineDecoder, IFrameDecoder
{
    private readonly byte[] _line = new byte[LineFraming.Max];
    private int _length;

    ReadOnlySpan<byte> IFrameDecoder.Assembled => _line.AsSpan(0, _length);

    void IFrameDecoder.ReleaseAssembled() => throw new InvalidOperationException("no release");

    protected override DecodeResult Found(ReadOnlySpan<byte> unread, int length)
    {
        unread[..length].CopyTo(_line);
        _length = length;
        return DecodeResult.FrameAssembled(length + 1);
    }
}

/// <summary>Keeps how far it has looked where all connections do, and begins anew with each: one at a time is served well.</summary>
internal sealed class SharingDecoder : LineDecoder
{
    private static int s_seen;
    private bool _begun;

    public override DecodeResult Decode(ReadOnlySpan<byte> unread)
    {
        Seen = _begun ? Math.Min(s_seen, unread.Length) : 0;
        _begun = true;
        DecodeResult result = base.Decode(unread);
        s_seen = Seen;
        return result;
    }
}

/// <summary>Commands ended by CR LF, searched from their beginning each time. Where there is no CR at the end it asks for two bytes: the last that it asks for may not come.</summary>
internal sealed class QuadraticCommands : IFraming, IFrameDecoder
{
    public string Name => "commands";

    public int MaxFrameLength => 102;

    public IFrameDecoder CreateDecoder() => this;

    public FrameRejection? CheckOutgoing(ReadOnlySpan<byte> data) => null;

    public DecodeResult Decode(ReadOnlySpan<byte> unread)
    {
        int length = unread.IndexOf("\r\n"u8);
        int more = unread.Length + (unread[^1] == '\r' ? 1 : 2);
        return length >= 0 && length + 2 <= MaxFrameLength ? DecodeResult.Frame(0, length, length + 2)
            : length < 0 && more <= MaxFrameLength ? DecodeResult.NeedMore(more)
            : DecodeResult.Reject(new FrameRejection("TooLong"));
    }
}

/// <summary>
/// As it should be: three digits, and more text, up to an empty line, then as many bytes as the digits say. The end of the head is searched from where the last search
/// ended; when it is found, the head is looked at once more, and refused if it is no text.
/// </summary>
internal sealed class HeadFraming : IFraming
{
    public string Name => "head";

    public int MaxFrameLength => 1000;

    public IFrameDecoder CreateDecoder() => new Decoder();

    public FrameRejection? CheckOutgoing(ReadOnlySpan<byte> data) => null;

    private sealed class Decoder : IFrameDecoder
    {
        private int _searched;
        private int _whole;         // the frame's length, when its head is there

        public DecodeResult Decode(ReadOnlySpan<byte> unread)
        {
            if (_whole == 0)
            {
                ReadOnlySpan<byte> seen = unread[..Math.Min(unread.Length, 500)];       // no longer head may be found, however much is there
                int end = seen[_searched..].IndexOf("\r\n\r\n"u8);
                if (end < 0)
                {
                    _searched = Math.Max(0, seen.Length - 3);
                    return unread.Length < 500 ? DecodeResult.NeedMore(unread.Length + 1) : DecodeResult.Reject(new FrameRejection("HeadTooLong"));
                }

                ReadOnlySpan<byte> head = unread[..(_searched + end + 4)];
                if (head.IndexOfAnyExceptInRange((byte)1, (byte)0x7F) >= 0 || !Utf8Parser.TryParse(head, out int body, out int digits) || digits != 3 || body < 0)
                {
                    return DecodeResult.Reject(new FrameRejection("Head"));
                }

                _whole = head.Length + body;
            }

            int whole = _whole;
            if (whole > 1000)
            {
                return DecodeResult.Reject(new FrameRejection("TooLong"));
            }

            if (unread.Length < whole)
            {
                return DecodeResult.NeedMore(whole);
            }

            _searched = _whole = 0;
            return DecodeResult.Frame(whole);
        }
    }
}

/// <summary>Lines of which the framing says that they may be a byte shorter than they may: it forgot the line feed.</summary>
internal sealed class ShortFraming : IFraming
{
    public string Name => "short";

    public int MaxFrameLength => LineFraming.Max - 1;

    public IFrameDecoder CreateDecoder() => new LineDecoder();

    public FrameRejection? CheckOutgoing(ReadOnlySpan<byte> data) => null;
}

/// <summary>One decoder for all connections, which keeps how far it has looked and begins anew with each connection.</summary>
internal sealed class OneDecoderFraming : LineDecoder, IFraming
{
    public string Name => "one";

    public int MaxFrameLength => LineFraming.Max;

    public IFrameDecoder CreateDecoder()
    {
        Seen = 0;
        return this;
    }

    public FrameRejection? CheckOutgoing(ReadOnlySpan<byte> data) => null;
}

/// <summary>Loses the first line that a read cuts, and no other.</summary>
internal sealed class OnceFraming : IFraming
{
    private bool _lost;

    public string Name => "once";

    public int MaxFrameLength => LineFraming.Max;

    public IFrameDecoder CreateDecoder() => new OnceDecoder(this);

    public FrameRejection? CheckOutgoing(ReadOnlySpan<byte> data) => null;

    private sealed class OnceDecoder(OnceFraming framing) : LineDecoder
    {
        private bool _cut;

        protected override DecodeResult Missing(ReadOnlySpan<byte> unread)
        {
            _cut = true;
            return base.Missing(unread);
        }

        protected override DecodeResult Found(ReadOnlySpan<byte> unread, int length)
        {
            if (!_cut || framing._lost)
            {
                return base.Found(unread, length);
            }

            framing._lost = true;
            return DecodeResult.Skip(length + 1);
        }
    }
}

/// <summary>A length byte, 1 to 199, then that many bytes: a frame. The length byte is skipped where it should be absorbed.</summary>
internal sealed class HeaderSkippingDecoder : IFrameDecoder
{
    private int _length;

    public DecodeResult Decode(ReadOnlySpan<byte> unread)
    {
        if (_length == 0)
        {
            _length = unread[0];
            return _length is > 0 and < LineFraming.Max ? DecodeResult.Skip(1) : DecodeResult.Reject(new FrameRejection("Length"));
        }

        if (unread.Length < _length)
        {
            return DecodeResult.NeedMore(_length);
        }

        DecodeResult frame = DecodeResult.Frame(_length);
        _length = 0;
        return frame;
    }
}

/// <summary>Refuses 1 MiB, unless a line feed is the first of it, for a reason that depends on the reads in which it came. Nothing shorter shows that.</summary>
internal sealed class LongFraming(Action created) : IFraming
{
    public string Name => "long";

    public int MaxFrameLength => 1 << 20;

    public IFrameDecoder CreateDecoder()
    {
        created();
        return new LongDecoder(MaxFrameLength);
    }

    public FrameRejection? CheckOutgoing(ReadOnlySpan<byte> data) => null;

    private sealed class LongDecoder(int length) : IFrameDecoder
    {
        private bool _cut;

        public DecodeResult Decode(ReadOnlySpan<byte> unread)
        {
            if (unread[0] == '\n')
            {
                return DecodeResult.Frame(1);
            }

            if (unread.Length < length)
            {
                _cut = true;
                return DecodeResult.NeedMore(length);
            }

            return DecodeResult.Reject(new FrameRejection(_cut ? "Cut" : "Whole"));
        }
    }
}

internal sealed class ThrowingFraming(bool creates) : IFraming
{
    public string Name => "throws";

    public int MaxFrameLength => LineFraming.Max;

    public IFrameDecoder CreateDecoder() => creates ? new LineDecoder() : throw new InvalidOperationException("no decoder");

    public FrameRejection? CheckOutgoing(ReadOnlySpan<byte> data) => throw new InvalidOperationException("no judgement");
}
