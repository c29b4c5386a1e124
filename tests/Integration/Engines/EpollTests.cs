using Iocp.Core;

namespace Framing.Integration.Engines;

public sealed class EpollEchoTests : EchoTests
{
    protected override EngineKind Engine => EngineKind.Epoll;
}
