using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Iocp.Core;

/// <summary>
/// The same decoders over any <see cref="PipeReader"/>: TLS streams, named pipes, files, other servers. Each segment of what the reader
/// holds is one read; all of it is consumed, so the pipe's own back-pressure works as it should.
/// </summary>
public sealed class FramePipeReader : IAsyncDisposable
{
    private readonly PipeReader _reader;
    private readonly FrameLeasePool _leases = new(Pool, 64);
    private readonly int _maxFrameLength;
    private FrameAssembler _assembler;
    private References _users = new();      // the reader itself, until it is disposed, and an enumeration that is at work: the last one gives back what both use
    private bool _enumerated;
    private bool _disposed;

    // All readers' together, so that an idle one keeps no large buffer. No kernel fills them: they need not be pinned.
    private static ArrayPool<byte> Pool => ArrayPool<byte>.Shared;

    /// <summary>Takes the reader over: it is completed when this is disposed.</summary>
    /// <param name="reader">Where the bytes come from.</param>
    /// <param name="framing">How to find frames in them.</param>
    public FramePipeReader(PipeReader reader, IFraming framing)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(framing);
        _reader = reader;
        _maxFrameLength = framing.MaxFrameLength;
        _assembler = new FrameAssembler(framing.CreateDecoder());
    }

    /// <summary>
    /// All frames, until the end of the stream, <see cref="PipeReader.CancelPendingRead"/> or <see cref="DisposeAsync"/>; can be enumerated once, by one thread at a time.
    /// Dispose each frame. <see cref="ReceivedFrame.Connection"/> is not available.
    /// </summary>
    /// <param name="cancellationToken">Stops waiting for bytes.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="FrameStreamException">The stream was refused, ended inside a frame, or the decoder failed; thrown after the frames before it were returned.</exception>
    /// <exception cref="InvalidOperationException">Enumerated before.</exception>
    /// <exception cref="ObjectDisposedException">This was disposed before the enumeration began.</exception>
    public async IAsyncEnumerable<ReceivedFrame> ReceiveAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        if (_enumerated)
        {
            throw new InvalidOperationException("The frames of a reader can be enumerated once; keep the enumerator to read on.");
        }

        _enumerated = true;
        bool atWork = _users.TryAdd();
        try
        {
            while (atWork)
            {
                ReadResult result = await _reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                if (IsDisposed)
                {
                    yield break;
                }

                foreach (ReadOnlyMemory<byte> segment in result.Buffer)
                {
                    ReadOnlyMemory<byte> unread = segment;
                    while (Next(ref unread) is { } lease)
                    {
                        // Not at work while the frame is looked at: nobody need ever come back for the next one.
                        atWork = false;
                        await LeaveAsync(lease).ConfigureAwait(false);
                        yield return lease.Frame;
                        atWork = _users.TryAdd();
                        if (!atWork)
                        {
                            yield break;
                        }
                    }
                }

                _reader.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                {
                    ThrowIfTruncated();
                    yield break;
                }

                if (result.IsCanceled)
                {
                    yield break;    // CancelPendingRead: the owner of the pipe wants this to end
                }
            }
        }
        finally
        {
            if (atWork)
            {
                await LeaveAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>
    /// Completes the reader, and disposes the decoder. An enumeration ends as after <see cref="PipeReader.CancelPendingRead"/>, one that waits for bytes too. Any thread, at any time:
    /// one that is at work is not waited for; it completes the reader and disposes the decoder itself, when it ends or has its next frame. So one that waits must be ended
    /// by <see cref="PipeReader.CancelPendingRead"/>, as the runtime's readers are; over a stream whose reads cannot be cancelled it ends when bytes come, or with the stream.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (!Interlocked.Exchange(ref _disposed, true))
        {
            try
            {
                _reader.CancelPendingRead();
            }
            finally
            {
                await LeaveAsync().ConfigureAwait(false);
            }
        }
    }

    private bool IsDisposed => Volatile.Read(in _disposed);

    // A frame that cannot be handed out, because the decoder threw when it was disposed, is given back.
    private async ValueTask LeaveAsync(FrameLease lease)
    {
        try
        {
            await LeaveAsync().ConfigureAwait(false);
        }
        catch
        {
            lease.Release();
            throw;
        }
    }

    private ValueTask LeaveAsync() => _users.Remove() ? ReleaseAsync() : ValueTask.CompletedTask;

    private async ValueTask ReleaseAsync()
    {
        try
        {
            _assembler.Release(Pool);
        }
        finally
        {
            _leases.Clear();
            await _reader.CompleteAsync().ConfigureAwait(false);
        }
    }

    private FrameLease? Next(ref ReadOnlyMemory<byte> unread)
    {
        ReadOnlySpan<byte> input = unread.Span;
        AssemblerStatus status = _assembler.Next(ref input, Pool, _maxFrameLength, out Frame frame);
        unread = unread[^input.Length..];
        switch (status)
        {
            case AssemblerStatus.Frame:
                return _leases.Rent(frame, null);
            case AssemblerStatus.NeedMore:
                return null;
            case AssemblerStatus.Rejected:
                FrameRejection rejection = _assembler.Rejection!;
                throw new FrameStreamException(
                    CloseReason.FrameRejected, $"The stream was refused: {rejection}.", rejection, rejection.StreamOffset, 0, null);
            default:
                throw new FrameStreamException(
                    CloseReason.DecoderFailed, $"The decoder failed at offset {_assembler.StreamOffset}.", null, _assembler.StreamOffset, 0, _assembler.Error);
        }
    }

    private void ThrowIfTruncated()
    {
        if (_assembler.InsideFrame)
        {
            throw new FrameStreamException(
                CloseReason.TruncatedFrame,
                $"The stream ended inside the frame at offset {_assembler.StreamOffset}, of which {_assembler.BytesHeld} bytes had come.",
                null,
                _assembler.StreamOffset,
                _assembler.BytesHeld,
                null);
        }
    }
}
