using System.Text;
using BenchmarkDotNet.Attributes;
using Framing.Xml;
using Iocp.Core;

namespace Framing.Benchmarks;

/// <summary>Documents of about 64 KiB through the assembler, in one read and in the smallest there are. Times are for one document.</summary>
[MemoryDiagnoser]
public class XmlDocumentBenchmarks
{
    private const int Length = 64 * 1024;
    private const int SmallDocuments = 256;

    private readonly PinnedArrayPool _pool = new();
    private readonly byte[] _text = Document(i => $"<p>{new string('x', 4000)} {i}</p>\n");
    private readonly byte[] _records = Document(i => $"<order id=\"{i}\" currency='EUR'><item sku=\"A-{i}\">2</item><price>12.50</price></order>\n");
    private readonly byte[] _tags = Document(_ => "<a><b/></a>");
    private readonly byte[] _small = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, SmallDocuments).Select(
        i => $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<order id=\"{i:000}\"><item sku=\"A-17\">2</item><price currency='EUR'>12.50</price></order>\n")));

    private FrameAssembler _assembler = new(XmlFraming.Document().CreateDecoder());

    /// <summary>Long texts, few tags.</summary>
    [Benchmark]
    public int TextInOneRead() => Decode(_text, Length, 1);

    /// <summary>A byte a read.</summary>
    [Benchmark]
    public int TextByteByByte() => Decode(_text, 1, 1);

    /// <summary>What business sends: short texts, attributes.</summary>
    [Benchmark]
    public int RecordsInOneRead() => Decode(_records, Length, 1);

    /// <summary>As a network cuts it.</summary>
    [Benchmark]
    public int RecordsInReadsOf1460() => Decode(_records, 1460, 1);

    /// <summary>A byte a read.</summary>
    [Benchmark]
    public int RecordsByteByByte() => Decode(_records, 1, 1);

    /// <summary>Nothing but tags.</summary>
    [Benchmark]
    public int TagsInOneRead() => Decode(_tags, Length, 1);

    /// <summary>A byte a read.</summary>
    [Benchmark]
    public int TagsByteByByte() => Decode(_tags, 1, 1);

    /// <summary>Documents of 123 bytes, all in one read. The time is for one of them.</summary>
    [Benchmark(OperationsPerInvoke = SmallDocuments)]
    public int SmallInOneRead() => Decode(_small, _small.Length, SmallDocuments);

    // As many records as fit, and text up to the length: every document is as long as the others, to the byte.
    private static byte[] Document(Func<int, string> record)
    {
        const string end = "</root>";
        StringBuilder text = new("<root>");
        for (int i = 0; text.Length + record(i).Length + end.Length <= Length; i++)
            text.Append(record(i));
        return Encoding.UTF8.GetBytes(text.ToString().PadRight(Length - end.Length) + end);
    }

    private int Decode(byte[] stream, int read, int documents)
    {
        int frames = 0;
        for (int offset = 0; offset < stream.Length; offset += read)
        {
            ReadOnlySpan<byte> input = stream.AsSpan(offset, Math.Min(read, stream.Length - offset));
            while (_assembler.Next(ref input, _pool, 1 << 20, out _) == AssemblerStatus.Frame)
                frames++;
        }

        return frames == documents ? frames : throw new InvalidOperationException($"{frames} frames instead of {documents}.");
    }
}
