using System.Net;
using Iocp.Core;

namespace Framing.Integration;

/// <summary>
/// What every engine must do. Behaviour is written once, in abstract classes by topic; each engine adds a line for each topic, in Engines/.
/// </summary>
public abstract class EngineTests(TestedEngine engine)
{
    protected TestedEngine Tested { get; } = engine.OrSkip();

    protected EngineKind Engine => Tested.Kind;

    /// <summary>Any port, of an address that nobody else uses: once it is free again, nobody else is given it.</summary>
    protected internal static IPEndPoint OwnAddress()
        => new(OperatingSystem.IsMacOS() ? IPAddress.Loopback : new IPAddress([127, .. Guid.NewGuid().ToByteArray().AsSpan(0, 2), 1]), 0);

    internal Task<TestServer> StartAsync(Action<FrameServerOptions>? configure = null, IFraming? framing = null, EndPoint? endPoint = null)
        => TestServer.StartAsync(Tested, configure, framing, endPoint);
}
