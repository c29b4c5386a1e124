using Iocp.Core;

namespace Framing.Integration;

/// <summary>
/// What every engine must do. Behaviour is written once, in abstract classes by topic; each engine adds a line for each topic, in Engines/.
/// </summary>
public abstract class EngineTests(TestedEngine engine)
{
    protected TestedEngine Tested { get; } = engine;

    protected EngineKind Engine => Tested.Kind;

    internal Task<TestServer> StartAsync(Action<FrameServerOptions>? configure = null, IFraming? framing = null, System.Net.EndPoint? endPoint = null)
        => TestServer.StartAsync(Tested, configure, framing, endPoint);
}
