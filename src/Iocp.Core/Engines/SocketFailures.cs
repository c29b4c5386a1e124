using System.Net.Sockets;

namespace Iocp.Core.Engines;

/// <summary>What the failure of an operation on a socket means for a connection and a listener.</summary>
internal static class SocketFailures
{
    // Codes of Windows that SocketError does not name; see "System Error Codes". Elsewhere no socket fails with them.
    private const SocketError NotEnoughMemory = (SocketError)8;             // ERROR_NOT_ENOUGH_MEMORY, which is WSA_NOT_ENOUGH_MEMORY
    private const SocketError OutOfMemory = (SocketError)14;                // ERROR_OUTOFMEMORY
    private const SocketError NameDeleted = (SocketError)64;                // ERROR_NETNAME_DELETED
    private const SocketError ConnectionInvalid = (SocketError)1229;        // ERROR_CONNECTION_INVALID
    private const SocketError ConnectionAborted = (SocketError)1236;        // ERROR_CONNECTION_ABORTED
    private const SocketError NoSystemResources = (SocketError)1450;        // ERROR_NO_SYSTEM_RESOURCES
    private const SocketError WorkingSetQuota = (SocketError)1453;          // ERROR_WORKING_SET_QUOTA
    private const SocketError CommitmentLimit = (SocketError)1455;          // ERROR_COMMITMENT_LIMIT
    private const SocketError NotEnoughQuota = (SocketError)1816;           // ERROR_NOT_ENOUGH_QUOTA

    /// <summary>The peer has reset, or long left, the connection.</summary>
    public static bool IsReset(SocketError error) => error is SocketError.ConnectionReset or SocketError.ConnectionAborted
        or SocketError.Shutdown or SocketError.NotConnected or SocketError.NetworkReset;

    /// <summary>
    /// Whether a receive that read to the end did so because the peer has reset the connection. Linux tells that error once, to the call that asks first: when
    /// that was a send, the receive beside it learns no more than that nothing will come. But a connection of which bytes are still to be sent
    /// is not closed by a peer that has only finished sending.
    /// </summary>
    public static bool IsResetBehindSend(Socket socket, bool sending)
    {
        const int ipprotoTcp = 6;
        const int tcpInfo = 11;         // linux/tcp.h; the first byte is the state
        const byte closed = 7;          // TCP_CLOSE, linux/tcp_states.h
        if (!sending || !OperatingSystem.IsLinux() || socket.ProtocolType != ProtocolType.Tcp)
        {
            return false;
        }

        try
        {
            Span<byte> state = stackalloc byte[1];
            return socket.GetRawSocketOption(ipprotoTcp, tcpInfo, state) == 1 && state[0] == closed;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>Want of memory, buffers or handles: it means "later".</summary>
    public static bool IsShortage(SocketError error) => error is SocketError.NoBufferSpaceAvailable or SocketError.TooManyOpenSockets
        or NotEnoughMemory or OutOfMemory or NoSystemResources or WorkingSetQuota or CommitmentLimit or NotEnoughQuota;

    /// <summary>An accept failed because of the client that was to be accepted: accept the next.</summary>
    public static bool IsPeersFault(SocketError error) => error is SocketError.ConnectionReset or SocketError.ConnectionAborted
        or SocketError.ConnectionRefused or SocketError.NetworkReset or SocketError.TimedOut or SocketError.HostUnreachable
        or SocketError.HostDown or SocketError.NetworkUnreachable or SocketError.NetworkDown
        or NameDeleted or ConnectionInvalid or ConnectionAborted;
}
