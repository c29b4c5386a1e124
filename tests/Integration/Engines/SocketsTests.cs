using Iocp.Core;

namespace Framing.Integration.Engines;

public sealed class SocketsAddressingTests : AddressingTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsAdmissionTests : AdmissionTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsAllocationTests : AllocationTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsChurnProcessTests : ChurnProcessTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsChurnTests : ChurnTests
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

public sealed class SocketsClosingByPeerTests : ClosingByPeerTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsConnectionHandlerTests : ConnectionHandlerTests
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

public sealed class SocketsDecoderFailureTests : DecoderFailureTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsDescriptorTests : DescriptorTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsEchoTests : EchoTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsFloodTests : FloodTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsFramingTests : FramingTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsInlineDeliveryTests : InlineDeliveryTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsIsolationTests : IsolationTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsLeftoverTests : LeftoverTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsListenerTests : ListenerTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsLocalCloseTests : LocalCloseTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsPauseTests : PauseTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsPullDeliveryTests : PullDeliveryTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsRejectionTests : RejectionTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsScaleTests : ScaleTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsSendingTests : SendingTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsSlowReaderTests : SlowReaderTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsSocketOptionTests : SocketOptionTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsStartTests : StartTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsStopFromInsideTests : StopFromInsideTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsStopTests : StopTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}
