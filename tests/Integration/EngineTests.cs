using Iocp.Core;

namespace Framing.Integration;

/// <summary>
/// What every engine must do. Behaviour is written once, in abstract classes by topic; each engine adds one class a topic, a line each, in Engines/.
/// </summary>
public abstract class EngineTests
{
    protected abstract EngineKind Engine { get; }

    internal Task<TestServer> StartAsync(Action<FrameServerOptions>? configure = null, IFraming? framing = null, System.Net.EndPoint? endPoint = null)
        => TestServer.StartAsync(Engine, configure, framing, endPoint);
}
