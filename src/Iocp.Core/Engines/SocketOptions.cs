using System.Net.Sockets;

namespace Iocp.Core.Engines;

/// <summary>Sets the options of a host's connections; of a listener too, which on Linux passes them on to what it accepts (but a UNIX socket does not), and whose buffer sizes must be set before it listens. Any thread.</summary>
internal sealed class SocketOptions(FrameHostOptions options)
{
    private volatile bool _lacksTime;
    private volatile bool _lacksInterval;
    private volatile bool _lacksRetryCount;

    /// <summary>Whether what a listener of that family accepts has the listener's options.</summary>
    public static bool AreInherited(AddressFamily family) => OperatingSystem.IsLinux() && family != AddressFamily.Unix;

    public void Apply(Socket socket)
    {
        if (options.SendBufferSize is { } sendBufferSize)
        {
            socket.SendBufferSize = sendBufferSize;
        }

        if (options.ReceiveBufferSize is { } receiveBufferSize)
        {
            socket.ReceiveBufferSize = receiveBufferSize;
        }

        if (socket.AddressFamily == AddressFamily.Unix)
        {
            return;
        }

        socket.NoDelay = options.NoDelay;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, options.KeepAlive);
        if (options.KeepAlive)
        {
            _lacksTime = _lacksTime || !TrySet(socket, SocketOptionName.TcpKeepAliveTime, (int)options.KeepAliveTime.TotalSeconds);
            _lacksInterval = _lacksInterval || !TrySet(socket, SocketOptionName.TcpKeepAliveInterval, (int)options.KeepAliveInterval.TotalSeconds);
            _lacksRetryCount = _lacksRetryCount || !TrySet(socket, SocketOptionName.TcpKeepAliveRetryCount, options.KeepAliveRetryCount);
        }
    }

    // Windows before 10 and Wine lack some of the three: there the system's own times hold, and connections are kept alive all the same. What is lacking is
    // tried once, not for each connection: it costs an exception.
    private static bool TrySet(Socket socket, SocketOptionName name, int value)
    {
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Tcp, name, value);
            return true;
        }
        catch (SocketException exception) when (OperatingSystem.IsWindows() && exception.SocketErrorCode == SocketError.ProtocolOption)
        {
            return false;
        }
    }
}
