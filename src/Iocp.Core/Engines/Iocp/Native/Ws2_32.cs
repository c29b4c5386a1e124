using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Iocp.Core.Engines.Iocp;

/// <summary>
/// Overlapped Winsock calls. They return 0 for success (-1, or for the extensions 0, for failure) and set the last error; WSA_IO_PENDING is no failure.
/// Invariant: block and buffers stay where they are until the completion was seen.
/// </summary>
internal static unsafe partial class Ws2_32
{
    private const string Library = "ws2_32";

    public const int IoPending = 997;
    public const uint Overlapped = 0x01;
    public const uint NoHandleInherit = 0x80;
    public const int UpdateAcceptContext = 0x700B;
    public const int UpdateConnectContext = 0x7010;
    private const uint GetExtensionFunctionPointer = 0xC8000006;
    private const int SolSocket = 0xFFFF;
    private const int ProtocolInfo = 0x2005;            // SO_PROTOCOL_INFOW
    private const uint IfsHandles = 0x20000;            // XP1_IFS_HANDLES

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint WSASocketW(int family, int type, int protocol, void* info, uint group, uint flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int WSARecv(SafeSocketHandle socket, WsaBuffer* buffers, uint count, uint* bytes, uint* flags, Overlapped* overlapped, void* routine);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int WSASend(SafeSocketHandle socket, WsaBuffer* buffers, uint count, uint* bytes, uint flags, Overlapped* overlapped, void* routine);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int WSAGetOverlappedResult(SafeSocketHandle socket, Overlapped* overlapped, uint* bytes, int wait, uint* flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int setsockopt(SafeSocketHandle socket, int level, int option, void* value, int length);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int getsockopt(SafeSocketHandle socket, int level, int option, void* value, int* length);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int WSAIoctl(SafeSocketHandle socket, uint code, void* input, uint inputLength, void* output, uint outputLength, uint* bytes, void* overlapped, void* routine);

    /// <summary>
    /// Whether the socket's provider gives handles of the file system (XP1_IFS_HANDLES). A layered provider that does not is incompatible with
    /// FILE_SKIP_COMPLETION_PORT_ON_SUCCESS: see SetFileCompletionNotificationModes, and Microsoft's article 2568167.
    /// </summary>
    public static bool HasFileHandle(SafeSocketHandle socket)
    {
        WsaProtocolInfo info;
        int length = sizeof(WsaProtocolInfo);
        return getsockopt(socket, SolSocket, ProtocolInfo, &info, &length) == 0 && (info.ServiceFlags1 & IfsHandles) != 0;
    }

    /// <summary>AcceptEx (mswsock.h): its address depends on the socket's provider.</summary>
    public static void* AcceptEx(SafeSocketHandle socket) => Extension(socket, new Guid("b5367df1-cbac-11cf-95ca-00805f48a192"));

    /// <summary>GetAcceptExSockaddrs (mswsock.h): finds the addresses in what AcceptEx wrote.</summary>
    public static void* GetAcceptExSockaddrs(SafeSocketHandle socket) => Extension(socket, new Guid("b5367df2-cbac-11cf-95ca-00805f48a192"));

    /// <summary>ConnectEx (mswsock.h): the socket must be bound.</summary>
    public static void* ConnectEx(SafeSocketHandle socket) => Extension(socket, new Guid("25a207b9-ddf3-4660-8ee9-76e58c74063e"));

    private static void* Extension(SafeSocketHandle socket, Guid id)
    {
        void* function = null;
        uint bytes;
        return WSAIoctl(socket, GetExtensionFunctionPointer, &id, (uint)sizeof(Guid), &function, (uint)sizeof(void*), &bytes, null, null) == 0
            ? function
            : throw new SocketException(Marshal.GetLastPInvokeError());
    }
}
