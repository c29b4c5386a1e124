using Iocp.Core;

namespace Framing.Integration.Engines;

public sealed class EpollAddressingTests : AddressingTests
{
    protected override EngineKind Engine => EngineKind.Epoll;
}

public sealed class EpollAdmissionTests : AdmissionTests
{
    protected override EngineKind Engine => EngineKind.Epoll;
}

public sealed class EpollAllocationTests : AllocationTests
{
    protected override EngineKind Engine => EngineKind.Epoll;
}

public sealed class EpollChurnProcessTests : ChurnProcessTests
{
    protected override EngineKind Engine => EngineKind.Epoll;
}

public sealed class EpollChurnTests : ChurnTests
{
    protected override EngineKind Engine => EngineKind.Epoll;
}

public sealed class EpollClientTests : ClientTests
{
    protected override EngineKind Engine => EngineKind.Epoll;
}

public sealed class EpollClientWaitingTests : ClientWaitingTests
{
    protected override EngineKind Engine => EngineKind.Epoll;
}

public sealed class EpollClosingByPeerTests : ClosingByPeerTests
{
    protected override EngineKind Engine => EngineKind.Epoll;
}

public sealed class EpollConnectionHandlerTests : ConnectionHandlerTests
{
    protected override EngineKind Engine => EngineKind.Epoll;
}

public sealed class EpollConnectionTests : ConnectionTests
{
    protected override EngineKind Engine => EngineKind.Epoll;
}

public sealed class EpollDeadlineTests : DeadlineTests
{
    protected override EngineKind Engine => EngineKind.Epoll;
}

public sealed class EpollDecoderFailureTests : DecoderFailureTests
{
    protected override EngineKind Engine => EngineKind.Epoll;
}

public sealed class EpollDescriptorTests : DescriptorTests
{
    protected override EngineKind Engine => EngineKind.Epoll;
}

public sealed class EpollEchoTests : EchoTests
{
    protected override EngineKind Engine => EngineKind.Epoll;
}

public sealed class EpollFloodTests : FloodTests
{
    protected override EngineKind Engine => EngineKind.Epoll;
}

public sealed class EpollFramingTests : FramingTests
{
    protected override EngineKind Engine => EngineKind.Epoll;
}

public sealed class EpollInlineDeliveryTests : InlineDeliveryTests
{
    protected override EngineKind Engine => EngineKind.Epoll;
}

public sealed class EpollIsolationTests : IsolationTests
{
    protected override EngineKind Engine => EngineKind.Epoll;
}

public sealed class EpollLeftoverTests : LeftoverTests
{
    protected override EngineKind Engine => EngineKind.Epoll;
}

public sealed class EpollListenerTests : ListenerTests
{
    protected override EngineKind Engine => EngineKind.Epoll;
}

public sealed class EpollLocalCloseTests : LocalCloseTests
{
    protected override EngineKind Engine => EngineKind.Epoll;
}

public sealed class EpollPauseTests : PauseTests
{
    protected override EngineKind Engine => EngineKind.Epoll;
}

public sealed class EpollPullDeliveryTests : PullDeliveryTests
{
    protected override EngineKind Engine => EngineKind.Epoll;
}

public sealed class EpollRejectionTests : RejectionTests
{
    protected override EngineKind Engine => EngineKind.Epoll;
}

public sealed class EpollScaleTests : ScaleTests
{
    protected override EngineKind Engine => EngineKind.Epoll;
}

public sealed class EpollSendingTests : SendingTests
{
    protected override EngineKind Engine => EngineKind.Epoll;
}

public sealed class EpollSlowReaderTests : SlowReaderTests
{
    protected override EngineKind Engine => EngineKind.Epoll;
}

public sealed class EpollSocketOptionTests : SocketOptionTests
{
    protected override EngineKind Engine => EngineKind.Epoll;
}

public sealed class EpollStartTests : StartTests
{
    protected override EngineKind Engine => EngineKind.Epoll;
}

public sealed class EpollStopFromInsideTests : StopFromInsideTests
{
    protected override EngineKind Engine => EngineKind.Epoll;
}

public sealed class EpollStopTests : StopTests
{
    protected override EngineKind Engine => EngineKind.Epoll;
}
