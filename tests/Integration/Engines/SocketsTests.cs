using Iocp.Core;

namespace Framing.Integration.Engines;

public sealed class SocketsEchoTests : EchoTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsPullDeliveryTests : PullDeliveryTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsInlineDeliveryTests : InlineDeliveryTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsConnectionHandlerTests : ConnectionHandlerTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsFramingTests : FramingTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}
