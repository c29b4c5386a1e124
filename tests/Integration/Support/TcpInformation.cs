using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Framing.Integration;

/// <summary>What Linux tells of a TCP socket: TCP_INFO, struct tcp_info of linux/tcp.h.</summary>
internal static class TcpInformation
{
    private const int IpprotoTcp = 6;
    private const int TcpInfo = 11;

    // Of a listener these fields mean who waits in its backlog, and how many may.
    private const int UnacknowledgedOffset = 24;
    private const int SackedOffset = 28;
    private const int DataSegmentsInOffset = 152;

    public static int WaitingInBacklog(Socket listener) => Read(listener, UnacknowledgedOffset);

    public static int Backlog(Socket listener) => Read(listener, SackedOffset);

    /// <summary>Segments with data that have come.</summary>
    public static int DataSegmentsReceived(Socket socket) => Read(socket, DataSegmentsInOffset);

    private static int Read(Socket socket, int offset)
    {
        byte[] information = new byte[offset + sizeof(int)];
        Assert.Equal(information.Length, socket.GetRawSocketOption(IpprotoTcp, TcpInfo, information));
        return MemoryMarshal.Read<int>(information.AsSpan(offset));
    }
}
