using Iocp.Core;

namespace Framing.Properties.Decoding;

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
