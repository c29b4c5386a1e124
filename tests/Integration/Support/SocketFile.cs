using System.Net.Sockets;

namespace Framing.Integration;

/// <summary>The path of a UNIX domain socket: short, new, and nothing of it left behind.</summary>
internal sealed class SocketFile : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("frm");

    /// <summary>Skips the test on a system without UNIX sockets: Windows before 10, and Wine. Where Windows has them, it is expected to do as Linux.</summary>
    public SocketFile()
    {
        Path = System.IO.Path.Combine(_directory.FullName, "s");
        Assert.SkipUnless(Socket.OSSupportsUnixDomainSockets, "This system has no UNIX domain sockets.");
    }

    public string Path { get; }

    public UnixDomainSocketEndPoint EndPoint => new(Path);

    public void Dispose() => _directory.Delete(recursive: true);
}
