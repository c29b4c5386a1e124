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

public sealed class SocketsListenerTests : ListenerTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsAdmissionTests : AdmissionTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsClientTests : ClientTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsClientWaitingTests : ClientWaitingTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsConnectionTests : ConnectionTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsDeadlineTests : DeadlineTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsLeftoverTests : LeftoverTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsChurnTests : ChurnTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsSocketOptionTests : SocketOptionTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}
