using Iocp.Core;

namespace Framing.Integration.Engines;

public sealed class SocketsEchoTests : EchoTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}
