using Iocp.Core;

namespace Framing.Fuzz;

/// <summary>Lines ended by CR LF, with a bug: a CR at the end of one read and its LF at the beginning of the next are not seen. The fuzzer must find it.</summary>
internal sealed class PlantedFraming : IFraming
{
    public string Name => "planted";

    public int MaxFrameLength => 1 << 20;

    public IFrameDecoder CreateDecoder() => new Decoder();

    public FrameRejection? CheckOutgoing(ReadOnlySpan<byte> data)
        => data.IsEmpty ? new FrameRejection("EmptyData") : data.EndsWith("\r\n"u8) ? null : new FrameRejection("TruncatedFrame");

    private sealed class Decoder : IFrameDecoder
    {
        private int _looked;

        public DecodeResult Decode(ReadOnlySpan<byte> unread)
        {
            int end = unread[_looked..].IndexOf("\r\n"u8);
            if (end < 0)
            {
                _looked = unread.Length;    // the bug: the last byte may be the CR
                return DecodeResult.NeedMore(unread.Length + 1);
            }

            end += _looked;
            _looked = 0;
            return DecodeResult.Frame(0, end, end + 2);
        }
    }
}
