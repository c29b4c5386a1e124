using Framing.Properties.Generators;
using Iocp.Core;

namespace Framing.Properties.Decoding;

/// <summary>The judge: has the whole stream at once, and does the obvious thing.</summary>
internal static class ReferenceDecoder
{
    public static List<string> Run(WireFormat format, byte[] stream)
    {
        List<string> lines = [];
        int offset = 0;
        while (offset < stream.Length)
        {
            int rest = stream.Length - offset;
            if (rest < format.HeadSize)
            {
                lines.Add(Describe.Truncated(offset, rest));
                return lines;
            }

            FrameRejection? rejection = format.Judge(stream[offset..(offset + format.HeadSize)], out long length);
            if (rejection is not null)
            {
                lines.Add(Describe.Rejected(rejection with { StreamOffset = offset, FrameIndex = lines.Count }));
                return lines;
            }

            if (rest < length)
            {
                lines.Add(Describe.Truncated(offset, rest));
                return lines;
            }

            lines.Add(Describe.Frame(lines.Count, offset, stream.AsSpan(offset, (int)length)));
            offset += (int)length;
        }

        lines.Add(Describe.Clean);
        return lines;
    }
}
