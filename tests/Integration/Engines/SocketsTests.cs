using Iocp.Core;

namespace Framing.Integration.Engines;

public sealed class SocketsEchoTests : EchoTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsStartTests : StartTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsStopTests : StopTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsStopFromInsideTests : StopFromInsideTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}
