using Framing.Binary;
using Framing.Properties.Decoding;
using Iocp.Core;

namespace Framing.Properties.Generators;

/// <summary>The judge of delimiters: looks at every beginning of the stream for a delimiter at its end, slowly and without the product's code.</summary>
internal static class DelimiterReference
{
    public static List<string> Run(DelimiterFramingOptions options, byte[] stream)
    {
        List<string> lines = [];
        int frames = 0;
        int start = 0;
        for (int end = 1; end <= stream.Length; end++)
        {
            byte[] frame = stream[start..end];
            // How many of its last bytes may belong to a delimiter: the longest end of it with which a delimiter begins.
            int open = Enumerable.Range(0, frame.Length + 1).Last(count => options.Delimiters.Any(each => each.Span.StartsWith(frame.AsSpan(frame.Length - count))));
            byte[]? delimiter = options.Delimiters.Select(each => each.ToArray()).Where(each => frame.AsSpan().EndsWith(each)).MaxBy(each => each.Length);
            int payload = frame.Length - (delimiter?.Length ?? open);
            if (payload > options.MaxPayloadLength)
                return [.. lines, Describe.Rejected(new FrameRejection("PayloadTooLong", Limit: options.MaxPayloadLength) { StreamOffset = start, FrameIndex = frames })];
            if (delimiter is null)
                continue;

            if (payload > 0 || !options.SkipEmpty)
                lines.Add(Describe.Frame(frames++, start, options.KeepDelimiter ? frame : frame[..payload]));
            start = end;
        }

        return [.. lines, start == stream.Length ? Describe.Clean : Describe.Truncated(start, stream.Length - start)];
    }
}
