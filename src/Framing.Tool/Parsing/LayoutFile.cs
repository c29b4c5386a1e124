using System.CommandLine;
using Framing.Binary;

namespace Framing.Tool.Parsing;

/// <summary>Headers declared in a JSON file. What these commands show or send back is a frame as it is on the wire, so the layout's stripping does not count.</summary>
internal static class LayoutFile
{
    // Far more than 65,535 bytes of header can have fields.
    private const int MaxFileLength = 16 * 1024 * 1024;

    public static Option<string?> Option() => CommandOptions.Create<string?>(
        "--header", "FILE", "Instead of --framing: the JSON file that declares the header, as docs/your-own-header.md shows.", static path => path);

    /// <summary>Reads a layout.</summary>
    /// <exception cref="ToolException">The file cannot be read, or is no valid layout.</exception>
    public static HeaderLayout Read(string path)
    {
        try
        {
            return WithHeader(HeaderLayout.FromJson(InputFile.ReadAll(path, MaxFileLength, "a layout")));
        }
        catch (FormatException e)
        {
            throw new UsageException($"--header: {path}: {e.Message.TrimEnd('.')}");
        }
    }

    private static HeaderLayout WithHeader(HeaderLayout layout) => new()
    {
        Name = layout.Name,
        HeaderSize = layout.HeaderSize,
        ByteOrder = layout.ByteOrder,
        Length = layout.Length,
        Fields = layout.Fields,
        Checksum = layout.Checksum,
        MaxPayloadLength = layout.MaxPayloadLength,
    };
}
