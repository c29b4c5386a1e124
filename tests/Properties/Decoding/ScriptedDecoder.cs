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

internal sealed class ScriptedDecoder(ScriptedDecoder.Script script) : IFrameDecoder
{
    public delegate DecodeResult Script(ReadOnlySpan<byte> unread);

    public DecodeResult Decode(ReadOnlySpan<byte> unread) => script(unread);

    public ReadOnlySpan<byte> Assembled => new byte[1000];
}

/// <summary>Lines ended by LF, CR between lines skipped; remembers how far it has looked, and counts the bytes it looked at.</summary>
internal sealed class LineFraming : IFraming, IFrameDecoder
{
    private int _looked;

    public long BytesLookedAt { get; private set; }

    public string Name => "lines";

    public int MaxFrameLength => 10_000;

    public IFrameDecoder CreateDecoder() => this;

    public FrameRejection? CheckOutgoing(ReadOnlySpan<byte> data) => null;

    public DecodeResult Decode(ReadOnlySpan<byte> unread)
    {
        if (_looked == 0 && unread[0] == '\r')
        {
            return DecodeResult.Skip(1);
        }

        int end = unread[_looked..].IndexOf((byte)'\n');
        if (end < 0)
        {
            BytesLookedAt += unread.Length - _looked;
            _looked = unread.Length;
            return DecodeResult.NeedMore(unread.Length + 1);
        }

        BytesLookedAt += end + 1;
        end += _looked;
        _looked = 0;
        return DecodeResult.Frame(0, end, end + 1);
    }
}

/// <summary>A length byte, then that many bytes turned by 0xFF; takes bytes to itself as they come, as unmasking does.</summary>
internal sealed class MaskedFraming : IFraming
{
    public string Name => "masked";

    public int MaxFrameLength => 256;

    public IFrameDecoder CreateDecoder() => new Decoder();

    public FrameRejection? CheckOutgoing(ReadOnlySpan<byte> data) => null;

    private sealed class Decoder : IFrameDecoder
    {
        private readonly byte[] _frame = new byte[255];
        private int _length = -1;
        private int _have;

        public ReadOnlySpan<byte> Assembled => _frame.AsSpan(0, _have);

        public DecodeResult Decode(ReadOnlySpan<byte> unread)
        {
            int consumed = 0;
            if (_length < 0)
            {
                _length = unread[0];
                _have = 0;
                consumed = 1;
            }

            int count = Math.Min(_length - _have, unread.Length - consumed);
            for (int i = 0; i < count; i++)
            {
                _frame[_have++] = (byte)~unread[consumed++];
            }

            if (_have < _length)
            {
                return DecodeResult.Absorb(consumed);
            }

            _length = -1;
            return DecodeResult.FrameAssembled(consumed);
        }
    }
}
