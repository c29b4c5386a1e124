using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using Framing.Binary;
using Framing.Tool.Parsing;
using Iocp.Core;

namespace Framing.Tool.Output;

/// <summary>Frames and their end as JSON lines, buffered; the form that <c>decode</c> and <c>send</c> share.</summary>
/// <param name="output">Where they go.</param>
/// <param name="framing">What is in a frame; null: that says <paramref name="header"/>.</param>
/// <param name="header">The fields of a declared header.</param>
internal sealed class FrameLines(Stream output, FramingKind? framing, LayoutFields? header = null) : IDisposable
{
    private const int BufferSize = 64 * 1024;

    // Owns only the buffer: standard output stays open.
    private readonly BufferedStream _output = new(output, BufferSize);
    private readonly byte[] _scratch = new byte[8 * 1024];

    /// <summary>One frame. Hex is written piece by piece: a frame may be as long as the input.</summary>
    public void WriteFrame(long index, long offset, ReadOnlySpan<byte> frame)
    {
        if (framing == FramingKind.Binary)
        {
            PacketHead.TryRead(frame, out var head);
            WriteStart(index, offset, frame.Length);
            Utf8.TryWrite(_scratch, $"\"total\":{head.TotalLength},\"serial\":{head.SerialNumber},\"type\":{head.Type},\"payload\":\"", out var written);
            _output.Write(_scratch.AsSpan(0, written));
            WriteHex(frame[PacketHead.Size..]);
        }
        else if (header is not null)
        {
            WriteStart(index, offset, frame.Length);
            _output.Write("\"fields\":"u8);
            header.Write(_output, frame);
            _output.Write(",\"payload\":\""u8);
            WriteHex(frame[header.HeaderSize..]);
        }
        else
        {
            WriteStart(index, offset, frame.Length);
            _output.Write("\"bytes\":\""u8);
            WriteHex(frame);
        }

        _output.Write("\"}\n"u8);
    }

    /// <summary>The stream ended between frames.</summary>
    public void WriteClean() => _output.Write("{\"end\":\"clean\"}\n"u8);

    /// <summary>The stream ended inside the frame at <paramref name="offset"/>, of which <paramref name="have"/> bytes came.</summary>
    public void WriteTruncated(long offset, long have)
    {
        Utf8.TryWrite(_scratch, $"{{\"end\":\"truncated\",\"offset\":{offset},\"have\":{have}}}\n", out var written);
        _output.Write(_scratch.AsSpan(0, written));
    }

    /// <summary>The stream was refused.</summary>
    public void WriteRejected(FrameRejection rejection) => JsonLine.Write(_output, json =>
    {
        json.WriteString("end", "rejected");
        json.WriteString("reason", rejection.Reason);
        json.WriteString("field", rejection.Field);
        WriteNumber(json, "value", rejection.Value);
        WriteNumber(json, "limit", rejection.Limit);
        json.WriteNumber("offset", rejection.StreamOffset);
        json.WriteNumber("frame", rejection.FrameIndex);
    });

    public void Flush() => _output.Flush();

    public void Dispose() => Flush();

    private static void WriteNumber(Utf8JsonWriter json, string name, Int128? value)
    {
        json.WritePropertyName(name);
        if (value is { } number)
            json.WriteRawValue(number.ToString(CultureInfo.InvariantCulture));
        else
            json.WriteNullValue();
    }

    private void WriteStart(long index, long offset, int length)
    {
        Utf8.TryWrite(_scratch, $"{{\"frame\":{index},\"offset\":{offset},\"length\":{length},", out var written);
        _output.Write(_scratch.AsSpan(0, written));
    }

    private void WriteHex(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var piece = bytes[..Math.Min(bytes.Length, _scratch.Length / 2)];
            Convert.TryToHexStringLower(piece, _scratch, out var length);
            _output.Write(_scratch.AsSpan(0, length));
            bytes = bytes[piece.Length..];
        }
    }
}
