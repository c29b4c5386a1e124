using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Framing.Binary;

namespace Framing.Tool.Output;

/// <summary>The fields of a declared header as a JSON object, in the order in which they lie on the wire.</summary>
internal sealed class LayoutFields
{
    private readonly LayoutReader _reader;
    private readonly (string Name, byte[] Member)[] _fields;
    private readonly byte[] _number = new byte[48];     // an Int128 has 40 characters at most

    public LayoutFields(HeaderLayout layout)
    {
        HeaderSize = layout.HeaderSize;
        _reader = new LayoutReader(layout);
        _fields = [.. _reader.Names.Select((name, i) => (name, Encoding.UTF8.GetBytes($"{(i == 0 ? "" : ",")}\"{JsonEncodedText.Encode(name)}\":")))];
    }

    public int HeaderSize { get; }

    public void Write(Stream output, ReadOnlySpan<byte> header)
    {
        output.WriteByte((byte)'{');
        foreach ((var name, var member) in _fields)
        {
            output.Write(member);
            Utf8.TryWrite(_number, $"{_reader.Read(header, name)}", out var written);
            output.Write(_number.AsSpan(0, written));
        }

        output.WriteByte((byte)'}');
    }
}
