using System.Buffers;
using Iocp.Core;

namespace Framing.Binary;

/// <summary>
/// One connection's messages. A packet that is a message by itself is handed out where it lies; of the others the payloads are put together in a rented
/// buffer, which holds less than twice the bytes that came and is there only while a message is in progress or being delivered.
/// </summary>
internal sealed class MessageDecoder(IFrameDecoder packets) : IFrameDecoder, IDisposable
{
    private MessageRules _rules;
    private byte[]? _message;       // the header of the first packet and the payloads so far
    private int _length;

    public ReadOnlySpan<byte> Assembled => _message.AsSpan(0, _length);

    public DecodeResult Decode(ReadOnlySpan<byte> unread)
    {
        DecodeResult packet = packets.Decode(unread);
        if (unread.Length < PacketHead.Size || packet.Status == DecodeStatus.Reject)
        {
            return packet;
        }

        PacketHead.TryRead(unread, out PacketHead head);
        if (_rules.Judge(in head) is { } rejection)
        {
            return DecodeResult.Reject(rejection);
        }

        if (packet.Status != DecodeStatus.Frame)
        {
            return packet;
        }

        bool begins = !_rules.InProgress;
        bool whole = _rules.Add(in head);
        if (begins)
        {
            Dispose();      // of the last message, where nobody has released it
        }

        if (begins && whole)
        {
            return packet;
        }

        Append(unread[(begins ? 0 : PacketHead.Size)..packet.Length]);
        return whole ? DecodeResult.FrameAssembled(packet.Length) : DecodeResult.Absorb(packet.Length);
    }

    public void ReleaseAssembled() => Dispose();

    public void Dispose()
    {
        if (_message is { } message)
        {
            _message = null;
            _length = 0;
            ArrayPool<byte>.Shared.Return(message);
        }
    }

    // The pool's arrays are powers of two long: the buffer is never twice as long as what is in it, and what is copied to grow it is linear.
    private void Append(ReadOnlySpan<byte> bytes)
    {
        int length = _length + bytes.Length;
        if (_message is null || length > _message.Length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(length);
            Assembled.CopyTo(larger);
            Dispose();
            _message = larger;
        }

        bytes.CopyTo(_message.AsSpan(length - bytes.Length));
        _length = length;
    }
}
