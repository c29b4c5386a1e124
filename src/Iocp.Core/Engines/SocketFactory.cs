using System.Net;
using System.Net.Sockets;

namespace Iocp.Core.Engines;

/// <summary>Makes sockets and binds them.</summary>
internal static class SocketFactory
{
    public static DetachableSocket Create(EndPoint endPoint)
        => new(endPoint.AddressFamily, endPoint.AddressFamily == AddressFamily.Unix ? ProtocolType.Unspecified : ProtocolType.Tcp);

    /// <summary>
    /// Binds and listens. ReuseAddress is never set: on Linux the runtime makes it SO_REUSEPORT, by which two servers would share a port; and it
    /// sets SO_REUSEADDR by itself for a listener, so that the port can be bound again at once after a stop.
    /// </summary>
    public static Socket Listen(ListenerOptions listener, SocketOptions options)
    {
        Socket socket = Create(listener.EndPoint);
        try
        {
            if (listener.EndPoint.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = listener.DualMode && listener.EndPoint is IPEndPoint { Address: var address } && address.Equals(IPAddress.IPv6Any);
            }

            if (OperatingSystem.IsWindows() && socket.AddressFamily != AddressFamily.Unix)
            {
                // Otherwise another process could take the port over while we listen.
                socket.ExclusiveAddressUse = true;
            }

            options.Apply(socket);
            Bind(socket, listener.EndPoint);
            socket.Listen(listener.Backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // The file of a UNIX socket outlives a process that was killed: one that nobody listens on any more is in nobody's way.
    private static void Bind(Socket socket, EndPoint endPoint)
    {
        try
        {
            socket.Bind(endPoint);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse
            && endPoint is UnixDomainSocketEndPoint && IsSocketFile(endPoint.ToString()!) && IsDeserted(endPoint))
        {
            try
            {
                File.Delete(endPoint.ToString()!);
            }
            catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
            {
                throw new SocketException((int)exception.SocketErrorCode, $"nobody listens on it any more, but it cannot be deleted: {denied.Message}");
            }

            socket.Bind(endPoint);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressNotAvailable
            && endPoint is UnixDomainSocketEndPoint && Path.GetDirectoryName(endPoint.ToString()) is { Length: > 0 } directory && !Directory.Exists(directory))
        {
            // The system's own words are of addresses.
            throw new SocketException((int)exception.SocketErrorCode, $"the directory {directory} does not exist");
        }
    }

    // To connect to any other kind of file is refused too, and somebody's data must not be taken for a deserted socket. A socket is what says so when it is opened
    // (open(2)), not what cannot be opened just now: that may be locked, or running. Opened for both, since a pipe would wait for its other end.
    private static bool IsSocketFile(string path)
    {
        const int noSuchDevice = 6;             // ENXIO, Linux
        const int notSupported = 102;           // EOPNOTSUPP, macOS
        try
        {
            if (OperatingSystem.IsWindows())
            {
                return File.GetAttributes(path).HasFlag(FileAttributes.ReparsePoint);
            }

            File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite).Dispose();
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
        catch (IOException exception)
        {
            return exception.HResult is noSuchDevice or notSupported;       // on Unix the errno
        }
    }

    private static bool IsDeserted(EndPoint endPoint)
    {
        using Socket probe = Create(endPoint);
        probe.Blocking = false;     // a listener whose backlog is full would keep us waiting
        try
        {
            probe.Connect(endPoint);
            return false;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode == SocketError.ConnectionRefused;
        }
    }

    /// <summary>
    /// Binds the near end of a connect. With port 0 the port is chosen at connect, on Windows if its administrator has set a range aside for that (Set-NetTCPSetting
    /// -AutoReusePortRangeStartPort), so that one address is not limited to one use of each port.
    /// </summary>
    public static void BindForConnect(Socket socket, EndPoint localEndPoint)
    {
        if (OperatingSystem.IsLinux() && localEndPoint is IPEndPoint { Port: 0 })
        {
            const int ipprotoIp = 0;
            const int ipBindAddressNoPort = 24;     // linux/in.h
            socket.SetRawSocketOption(ipprotoIp, ipBindAddressNoPort, [1, 0, 0, 0]);
        }
        else if (OperatingSystem.IsWindows() && localEndPoint is IPEndPoint { Port: 0 })
        {
            try
            {
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseUnicastPort, true);
            }
            catch (SocketException)
            {
                // A Windows that does not know it has nothing set aside.
            }
        }

        socket.Bind(localEndPoint);
    }
}
