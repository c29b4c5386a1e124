using System.IO.Pipelines;

namespace Iocp.Core;

/// <summary>The same decoders over any <see cref="PipeReader"/>: TLS streams, named pipes, files, other servers.</summary>
public sealed class FramePipeReader : IAsyncDisposable
{
    /// <summary>Takes over the reader: it is completed when this is disposed.</summary>
    public FramePipeReader(PipeReader reader, IFraming framing)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(framing);
    }

    /// <summary>All frames, until the end of the stream. Dispose each. <see cref="ReceivedFrame.Connection"/> is not available.</summary>
    /// <exception cref="FrameStreamException">The stream was refused, ended inside a frame, or the decoder failed; thrown after the frames before it were returned.</exception>
    public IAsyncEnumerable<ReceivedFrame> ReceiveAllAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Completes the reader and disposes the decoder.</summary>
    public ValueTask DisposeAsync() => default;
}
