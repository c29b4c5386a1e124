using System.Net.Sockets;

namespace Iocp.Core.Engines.Linux;

/// <summary>What an errno means for a connection, a listener, and the user.</summary>
internal static class SocketErrors
{
    public static SocketError Code(int errno) => errno switch
    {
        Libc.EMFILE or Libc.ENFILE => SocketError.TooManyOpenSockets,
        Libc.ENOBUFS or Libc.ENOMEM or Libc.ENOSPC => SocketError.NoBufferSpaceAvailable,     // ENOSPC: of epoll_ctl(2), fs.epoll.max_user_watches
        Libc.EPIPE => SocketError.Shutdown,
        Libc.ECONNRESET => SocketError.ConnectionReset,
        Libc.ECONNABORTED => SocketError.ConnectionAborted,
        Libc.ECONNREFUSED or Libc.ENOENT => SocketError.ConnectionRefused,
        Libc.ENOTCONN => SocketError.NotConnected,
        Libc.ETIMEDOUT => SocketError.TimedOut,
        Libc.EHOSTUNREACH => SocketError.HostUnreachable,
        Libc.EHOSTDOWN => SocketError.HostDown,
        Libc.ENETUNREACH => SocketError.NetworkUnreachable,
        Libc.ENETDOWN => SocketError.NetworkDown,
        Libc.EADDRINUSE => SocketError.AddressAlreadyInUse,
        Libc.EADDRNOTAVAIL => SocketError.AddressNotAvailable,
        Libc.EACCES or Libc.EPERM => SocketError.AccessDenied,
        Libc.EINVAL => SocketError.InvalidArgument,
        Libc.ECANCELED => SocketError.OperationAborted,
        Libc.EAGAIN => SocketError.WouldBlock,
        _ => SocketError.SocketError,
    };

    public static SocketException From(int errno) => new((int)Code(errno));

    /// <summary>Want of memory, buffers or descriptors: it means "later".</summary>
    public static bool IsShortage(int errno) => errno is Libc.ENOBUFS or Libc.ENOMEM or Libc.EMFILE or Libc.ENFILE;

    /// <summary>An accept failed because of the client that was to be accepted: accept the next. See accept(2), "Error handling".</summary>
    public static bool IsPeersFault(int errno) => errno is Libc.ECONNABORTED or Libc.ECONNRESET or Libc.EPROTO or Libc.ENETDOWN
        or Libc.ENETUNREACH or Libc.EHOSTDOWN or Libc.EHOSTUNREACH or Libc.EOPNOTSUPP or Libc.ETIMEDOUT or Libc.EINTR;
}
