using System.Buffers;
using System.IO.Pipelines;
using Framing.Properties.Generators;
using Framing.Testing;
using Iocp.Core;

namespace Framing.Properties.Decoding;

/// <summary>Reads frames from a <see cref="PipeReader"/> until they end, and says what came in the words of <see cref="Describe"/>.</summary>
internal static class PipeDriver
{
    /// <summary>As <see cref="AssemblerDriver"/> does: read by read.</summary>
    public static Task<List<string>> Run(IFraming framing, byte[] stream, Cutting cutting) => Run(framing, PipeReader.Create(new CutStream(stream, cutting)));

    public static async Task<List<string>> Run(IFraming framing, PipeReader reader)
    {
        List<string> lines = [];
        await using FramePipeReader frames = new(reader, framing);
        try
        {
            await foreach (ReceivedFrame frame in frames.ReceiveAllAsync())
            {
                using (frame)
                {
                    lines.Add(Describe.Frame(frame.Index, frame.StreamOffset, frame.Bytes.Span));
                }
            }

            lines.Add(Describe.Clean);
        }
        catch (FrameStreamException end)
        {
            lines.Add(end.Reason switch
            {
                CloseReason.FrameRejected => Describe.Rejected(end.Rejection!),
                CloseReason.TruncatedFrame => Describe.Truncated(end.StreamOffset, end.BytesHeld),
                _ => Describe.Failed(end.InnerException ?? end),
            });
        }

        return lines;
    }
}

/// <summary>A stream whose reads return just the pieces of a cutting.</summary>
internal sealed class CutStream(byte[] bytes, Cutting cutting) : MemoryStream
{
    private readonly IEnumerator<Range> _reads = cutting.Of(bytes.Length).GetEnumerator();
    private Memory<byte> _read;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_read.IsEmpty && _reads.MoveNext())
        {
            _read = bytes.AsMemory(_reads.Current);
        }

        int count = Math.Min(buffer.Length, _read.Length);
        _read[..count].CopyTo(buffer);
        _read = _read[count..];
        return ValueTask.FromResult(count);
    }
}

/// <summary>A sequence with one segment for each piece of a cutting, and empty ones between them.</summary>
internal sealed class Segments : ReadOnlySequenceSegment<byte>
{
    public static ReadOnlySequence<byte> Of(byte[] bytes, Cutting cutting)
    {
        Segments first = new();
        Segments last = first;
        foreach (Range range in cutting.Of(bytes.Length))
        {
            last = last.Append(bytes.AsMemory(range)).Append(default);
        }

        return new ReadOnlySequence<byte>(first, 0, last, 0);
    }

    private Segments Append(ReadOnlyMemory<byte> memory)
    {
        Segments next = new() { Memory = memory, RunningIndex = RunningIndex + Memory.Length };
        Next = next;
        return next;
    }
}
