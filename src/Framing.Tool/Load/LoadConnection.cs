using System.Buffers;
using Framing.Tool.Output;
using Iocp.Core;

namespace Framing.Tool.Load;

/// <summary>
/// One connection under load: sends the messages that are due, at most Depth of them unanswered, and compares every byte that comes back.
/// Message 0 is a greeting, sent when the connection is open and not measured.
/// </summary>
/// <remarks>
/// Two roles that may run at once on different threads. The receiver (one at a time) owns <c>_received</c> and <c>_position</c>; whoever holds the
/// claim on sending owns <c>_sent</c> and <c>_behind</c>. Send times are handed from one to the other by the message's way over the wire.
/// </remarks>
internal abstract class LoadConnection(LoadContext context, int index)
{
    private const int BatchBytes = 64 * 1024;

    private readonly long[] _sentAt = new long[context.Settings.Depth];
    private long _due;
    private long _sent;
    private long _received;
    private int _position;
    private int _sendRequests;
    private bool _behind;
    private int _ended;
    private volatile bool _failed;

    /// <summary>Messages sent.</summary>
    public long Sent => Volatile.Read(ref _sent);

    /// <summary>Messages that came back whole and right.</summary>
    public long Received => Volatile.Read(ref _received);

    /// <summary>Messages that are due and have not left.</summary>
    public long NotSent => Volatile.Read(ref _due) - Sent;

    /// <summary>Whether somebody may be sending. Who is not, once sending was stopped, sends no more: the next to claim it sees the stop.</summary>
    public bool Sending => Volatile.Read(ref _sendRequests) != 0;

    /// <summary>Whether a byte has ever come back.</summary>
    public virtual bool Answered => _received > 0 || _position > 0;

    /// <summary>Whether nothing can come back any more; why has then been counted.</summary>
    public bool Failed => _failed;

    protected LoadContext Context => context;

    protected int Index => index;

    /// <summary>Lets so many more messages leave, as soon as the depth allows. One caller at a time; follow with <see cref="SendDue"/>.</summary>
    public void Release(long messages) => Volatile.Write(ref _due, _due + messages);

    /// <summary>Sends what is due and possible now. Any thread: only one sends, the others leave it word to look again.</summary>
    public void SendDue()
    {
        if (Interlocked.Increment(ref _sendRequests) == 1)
            _ = SendDueAsync();
    }

    /// <summary>Sends whole messages.</summary>
    /// <returns>False when nothing was sent: no room until something comes back, or the connection is closed.</returns>
    protected abstract ValueTask<bool> TransmitAsync(ReadOnlyMemory<byte> messages);

    /// <summary>Closes abruptly.</summary>
    protected abstract void Abort();

    /// <summary>Compares what came back with what was sent, as a stream, and sends what this makes room for.</summary>
    protected void OnReceived(ReadOnlySpan<byte> bytes)
    {
        if (_failed)
            return;
        var now = context.Time.GetTimestamp();
        var received = _received;
        while (bytes.Length > 0)
        {
            if (received == Sent)
            {
                OnWrong($"{bytes.Length} bytes came that were not sent");
                return;
            }

            var part = bytes[..Math.Min(bytes.Length, context.Pattern.Length - _position)];
            if (!context.Pattern.Matches(part, index, received, _position))
            {
                OnWrong(DescribeChange(part, received));
                return;
            }

            bytes = bytes[part.Length..];
            _position += part.Length;
            if (_position < context.Pattern.Length)
                break;
            _position = 0;
            if (received > 0)
                context.Latencies.Record(now - _sentAt[received % _sentAt.Length]);
            Volatile.Write(ref _received, ++received);
        }

        SendDue();
    }

    /// <summary>Something else came back than was sent: nothing behind it can be trusted.</summary>
    protected void OnWrong(string what)
    {
        End(() => context.Errors.AddWrong(index, what));
        Abort();
    }

    /// <summary>The connection has ended; an error unless we ended it.</summary>
    protected void OnClosed(string why)
    {
        End(() =>
        {
            if (!context.Closing)
                context.Errors.AddClosed(index, $"closed after {Received} {(Received == 1 ? "message" : "messages")}: {why}");
        });
    }

    /// <summary>What to say when the peer has ended it.</summary>
    protected string DescribePeersEnd(CloseReason reason) => Sent > 0 && Received == 0 ? UnansweredClose.Describe(reason) : $"{reason}";

    private string DescribeChange(ReadOnlySpan<byte> bytes, long message)
    {
        var expected = new byte[context.Pattern.Length];
        context.Pattern.Write(expected, index, message);
        var same = bytes.CommonPrefixLength(expected.AsSpan(_position));
        return $"message {message} came back changed: byte {_position + same} is {bytes[same]:X2} instead of {expected[_position + same]:X2}";
    }

    // One connection is one error: a send that fails and the end that is received are the same.
    private void End(Action count)
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0)
            return;
        count();
        _failed = true;
    }

    private async Task SendDueAsync()
    {
        var seen = 1;
        do
        {
            try
            {
                await SendPossibleAsync();
            }
            catch (Exception e)
            {
                OnClosed(e.Message);
            }

            seen = Interlocked.Add(ref _sendRequests, -seen);
        }
        while (seen > 0);
    }

    private async ValueTask SendPossibleAsync()
    {
        var length = context.Pattern.Length;
        while (!_failed)
        {
            var due = context.SendingStopped ? 0 : Volatile.Read(ref _due) - _sent;
            var room = Received + _sentAt.Length - _sent;
            var count = (int)Math.Min(Math.Min(due, room), Math.Max(1, BatchBytes / length));
            if (count <= 0)
            {
                _behind = due > 0;
                return;
            }

            var buffer = ArrayPool<byte>.Shared.Rent(count * length);
            try
            {
                Write(buffer, count);
                // Before they leave: an echo must never find its message unsent.
                Volatile.Write(ref _sent, _sent + count);
                if (!await TransmitAsync(buffer.AsMemory(0, count * length)))
                {
                    Volatile.Write(ref _sent, _sent - count);
                    _behind = true;
                    return;
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    private void Write(Span<byte> destination, int count)
    {
        var now = context.Time.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            var serial = _sent + i;
            context.Pattern.Write(destination[(i * context.Pattern.Length)..], index, serial);
            _sentAt[serial % _sentAt.Length] = Pacer.SendTime(context, index, serial, now, _behind);
        }
    }
}
