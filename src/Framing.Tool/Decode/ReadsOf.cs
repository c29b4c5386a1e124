using System.Buffers;
using System.IO.Pipelines;

namespace Framing.Tool.Decode;

/// <summary>
/// A pipe reader that hands out a stream in reads of exactly so many bytes (the last may be shorter), each in one segment, as if the network had cut it so.
/// Holds one read, so memory does not grow with the stream. Every read must be consumed whole before the next.
/// </summary>
internal sealed class ReadsOf(Stream stream, int size) : PipeReader
{
    // Grows up to the size of a read: a huge one of a small file costs no more than the file.
    private byte[] _buffer = new byte[Math.Min(size, 64 * 1024)];
    private ReadOnlySequence<byte> _read;
    private bool _ended;
    private bool _cancelled;

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (!_read.IsEmpty)
            throw new InvalidOperationException("The last read has not been consumed.");
        if (_cancelled)
        {
            _cancelled = false;
            return new ReadResult(_read, isCanceled: true, isCompleted: _ended);
        }

        var length = 0;
        while (length < size && !_ended)
        {
            if (length == _buffer.Length)
                Array.Resize(ref _buffer, (int)Math.Min(size, 2L * _buffer.Length));
            var count = await stream.ReadAsync(_buffer.AsMemory(length), cancellationToken);
            _ended = count == 0;
            length += count;
        }

        _read = new ReadOnlySequence<byte>(_buffer, 0, length);
        return new ReadResult(_read, isCanceled: false, isCompleted: _ended);
    }

    public override void AdvanceTo(SequencePosition consumed) => _read = _read.Slice(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => AdvanceTo(consumed);

    public override void CancelPendingRead() => _cancelled = true;

    public override void Complete(Exception? exception = null) => stream.Dispose();

    public override bool TryRead(out ReadResult result)
    {
        result = default;
        return false;
    }
}
