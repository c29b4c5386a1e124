using Iocp.Core;

namespace Framing.Testing.Proving;

internal enum StreamEnd
{
    Clean,
    Truncated,
    Rejected,
    Failed,
}

/// <summary>A frame that was found: its place in the stream, and where decoding went on behind it.</summary>
internal readonly record struct FoundFrame(long Offset, long End, byte[] Bytes);

/// <summary>What became of a stream in one cutting.</summary>
internal sealed class Outcome
{
    public List<FoundFrame> Frames { get; } = [];

    public StreamEnd End { get; set; }

    /// <summary>Where the frame in progress began.</summary>
    public long EndOffset { get; set; }

    public FrameRejection? Rejection { get; set; }

    /// <summary>The first breach of the contract of a single call.</summary>
    public Finding? Violation { get; set; }

    /// <summary>Bytes handed to the decoder in calls that it answered with NeedMore.</summary>
    public long BytesInVain { get; set; }

    public bool SameAs(Outcome other, bool framesFollowReads)
    {
        if (End != other.End)
        {
            return false;
        }

        if (framesFollowReads)
        {
            return Rejection?.Reason == other.Rejection?.Reason && Delivered.AsSpan().SequenceEqual(other.Delivered);
        }

        return EndOffset == other.EndOffset && Equals(Rejection, other.Rejection) && Frames.Count == other.Frames.Count && HasFirst(other.Frames.Count, other);
    }

    /// <summary>What is left of this one when its first frames were delivered and its first bytes are another stream's.</summary>
    public Outcome Rest(int frames, int bytes)
    {
        Outcome rest = new() { End = End, EndOffset = End == StreamEnd.Truncated ? EndOffset - bytes : 0 };
        rest.Append(this, frames, -bytes);
        return rest;
    }

    /// <summary>Goes on with another's frames, and its rejection, as they are in a stream in which they lie this much farther behind.</summary>
    public void Append(Outcome other, int firstFrame, long offset)
    {
        if (other.Rejection is { } rejection)
        {
            Rejection = rejection with { StreamOffset = rejection.StreamOffset + offset, FrameIndex = rejection.FrameIndex - firstFrame + Frames.Count };
        }

        Frames.AddRange(other.Frames.Skip(firstFrame).Select(frame => frame with { Offset = frame.Offset + offset, End = frame.End + offset }));
    }

    /// <summary>Whether the first frames are those of another outcome.</summary>
    public bool HasFirst(int count, Outcome other)
    {
        if (count > Frames.Count || count > other.Frames.Count)
        {
            return false;
        }

        for (int i = 0; i < count; i++)
        {
            // Not End: bytes that follow a frame and belong to none may be passed over with it or later.
            if (Frames[i].Offset != other.Frames[i].Offset || !Frames[i].Bytes.AsSpan().SequenceEqual(other.Frames[i].Bytes))
            {
                return false;
            }
        }

        return true;
    }

    public byte[] Delivered => [.. Frames.SelectMany(frame => frame.Bytes)];
}
