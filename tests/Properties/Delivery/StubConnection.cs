using System.Net;
using Framing.Binary;
using Iocp.Core;
using Iocp.Core.Engines;

namespace Framing.Properties.Delivery;

/// <summary>A connection without host and engine: whose frames they are.</summary>
internal sealed class StubConnection() : Connection(new ConnectionOrigin(null!, new PacketFraming<PacketHead>(), null))
{
    public override EndPoint? RemoteEndPoint => null;

    public override EndPoint? LocalEndPoint => null;

    private protected override void Request(EngineRequests requests)
    {
    }
}
