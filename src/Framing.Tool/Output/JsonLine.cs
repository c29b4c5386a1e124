using System.Buffers;
using System.Text.Json;

namespace Framing.Tool.Output;

/// <summary>One JSON object on a line of its own.</summary>
internal static class JsonLine
{
    /// <summary>Writes it in one piece: who reads along never sees half a line.</summary>
    public static void Write(Stream output, Action<Utf8JsonWriter> members)
    {
        var line = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        line.Write("\n"u8);
        output.Write(line.WrittenSpan);
        output.Flush();
    }
}
