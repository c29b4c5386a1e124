using System.Net;
using Framing.Binary;
using Iocp.Core;
using Iocp.Core.Engines;

namespace Framing.Properties.Delivery;

/// <summary>A connection without an engine: counts what is asked of one.</summary>
internal sealed class StubConnection(FrameHost? host = null)
    : Connection(new ConnectionOrigin(host!, new PacketFraming<PacketHead>(), null))
{
    public int Resumes { get; private set; }

    public override EndPoint? RemoteEndPoint => null;

    public override EndPoint? LocalEndPoint => null;

    private protected override void Request(EngineRequests requests) => Resumes += (requests & EngineRequests.Resume) != 0 ? 1 : 0;
}
