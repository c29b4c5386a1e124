namespace Framing.Tool.Parsing;

/// <summary>Files named on the command line.</summary>
internal static class InputFile
{
    /// <summary>Opens a file to be read in whatever pieces the caller likes.</summary>
    /// <exception cref="ToolException">It cannot be read.</exception>
    public static Stream Open(string path)
    {
        if (Directory.Exists(path))
            throw new ToolException($"{path} is a directory", ExitCode.NoInput);
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or ArgumentException)
        {
            throw new ToolException($"no such file: {path}", ExitCode.NoInput, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ToolException($"cannot read {path}: {e.Message}", ExitCode.NoInput, e);
        }
    }

    /// <summary>Reads a file of at most <paramref name="limit"/> bytes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limit">Bytes.</param>
    /// <param name="holder">What holds no more, for the error.</param>
    /// <exception cref="ToolException">It cannot be read, or is longer.</exception>
    public static byte[] ReadAll(string path, int limit, string holder)
    {
        using var input = Open(path);
        using var content = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int count;
        while ((count = input.Read(buffer)) > 0)
        {
            if (count > limit - content.Length)
                throw new UsageException($"{path} is longer than the {limit} bytes that {holder} holds");
            content.Write(buffer, 0, count);
        }

        return content.ToArray();
    }
}
