using System.Net;
using System.Net.Sockets;

namespace Framing.Tool.Load;

/// <summary>
/// Where to connect from. One address has some 28,000 free ports towards one end point; the loopback network has 16 million addresses, so a large load
/// on it spreads over a block of them that other processes are unlikely to share.
/// </summary>
internal static class SourceAddresses
{
    private const int Large = 1_000;
    private const int PortsEach = 4_096;

    /// <summary>The local end point of a connection; null: the system's choice.</summary>
    public static EndPoint? Choose(EndPoint target, int connections, int index)
    {
        // macOS has only 127.0.0.1 up.
        if (connections < Large || OperatingSystem.IsMacOS()
            || target is not IPEndPoint { AddressFamily: AddressFamily.InterNetwork } ip || !IPAddress.IsLoopback(ip.Address))
            return null;
        var process = Environment.ProcessId;
        return new IPEndPoint(new IPAddress([127, (byte)(1 + ((process >> 8) % 254)), (byte)process, (byte)(1 + (index / PortsEach % 254))]), 0);
    }
}
