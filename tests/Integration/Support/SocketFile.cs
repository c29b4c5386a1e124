using System.Net.Sockets;

namespace Framing.Integration;

/// <summary>The path of a UNIX domain socket: short, new, and nothing of it left behind.</summary>
internal sealed class SocketFile : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("frm");

    public SocketFile() => Path = System.IO.Path.Combine(_directory.FullName, "s");

    public string Path { get; }

    public UnixDomainSocketEndPoint EndPoint => new(Path);

    public void Dispose() => _directory.Delete(recursive: true);
}
