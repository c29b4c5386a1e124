namespace Framing.Compare;

/// <summary>An echo of PACKET_HEAD frames on a free port of 127.0.0.1: payloads of up to 8,192 bytes, an illegal header ends its connection.</summary>
internal interface IEchoServer
{
    /// <summary>Listens, and serves until the process ends.</summary>
    /// <returns>The port.</returns>
    Task<int> StartAsync();
}
