using Iocp.Core;

namespace Framing.Integration.Engines;

public sealed class IoUringAddressingTests : AddressingTests
{
    protected override EngineKind Engine => EngineKind.IoUring;
}

public sealed class IoUringAdmissionTests : AdmissionTests
{
    protected override EngineKind Engine => EngineKind.IoUring;
}

public sealed class IoUringAllocationTests : AllocationTests
{
    protected override EngineKind Engine => EngineKind.IoUring;
}

public sealed class IoUringChurnProcessTests : ChurnProcessTests
{
    protected override EngineKind Engine => EngineKind.IoUring;
}

public sealed class IoUringChurnTests : ChurnTests
{
    protected override EngineKind Engine => EngineKind.IoUring;
}

public sealed class IoUringClientTests : ClientTests
{
    protected override EngineKind Engine => EngineKind.IoUring;
}

public sealed class IoUringClientWaitingTests : ClientWaitingTests
{
    protected override EngineKind Engine => EngineKind.IoUring;
}

public sealed class IoUringClosingByPeerTests : ClosingByPeerTests
{
    protected override EngineKind Engine => EngineKind.IoUring;
}

public sealed class IoUringConnectionHandlerTests : ConnectionHandlerTests
{
    protected override EngineKind Engine => EngineKind.IoUring;
}

public sealed class IoUringConnectionTests : ConnectionTests
{
    protected override EngineKind Engine => EngineKind.IoUring;
}

public sealed class IoUringDeadlineTests : DeadlineTests
{
    protected override EngineKind Engine => EngineKind.IoUring;
}

public sealed class IoUringDecoderFailureTests : DecoderFailureTests
{
    protected override EngineKind Engine => EngineKind.IoUring;
}

public sealed class IoUringDescriptorTests : DescriptorTests
{
    protected override EngineKind Engine => EngineKind.IoUring;
}

public sealed class IoUringEchoTests : EchoTests
{
    protected override EngineKind Engine => EngineKind.IoUring;
}

public sealed class IoUringFloodTests : FloodTests
{
    protected override EngineKind Engine => EngineKind.IoUring;
}

public sealed class IoUringFramingTests : FramingTests
{
    protected override EngineKind Engine => EngineKind.IoUring;
}

public sealed class IoUringInlineDeliveryTests : InlineDeliveryTests
{
    protected override EngineKind Engine => EngineKind.IoUring;
}

public sealed class IoUringIsolationTests : IsolationTests
{
    protected override EngineKind Engine => EngineKind.IoUring;
}

public sealed class IoUringLeftoverTests : LeftoverTests
{
    protected override EngineKind Engine => EngineKind.IoUring;
}

public sealed class IoUringListenerTests : ListenerTests
{
    protected override EngineKind Engine => EngineKind.IoUring;
}

public sealed class IoUringLocalCloseTests : LocalCloseTests
{
    protected override EngineKind Engine => EngineKind.IoUring;
}

public sealed class IoUringPauseTests : PauseTests
{
    protected override EngineKind Engine => EngineKind.IoUring;
}

public sealed class IoUringPullDeliveryTests : PullDeliveryTests
{
    protected override EngineKind Engine => EngineKind.IoUring;
}

public sealed class IoUringRejectionTests : RejectionTests
{
    protected override EngineKind Engine => EngineKind.IoUring;
}

public sealed class IoUringScaleTests : ScaleTests
{
    protected override EngineKind Engine => EngineKind.IoUring;
}

public sealed class IoUringSendingTests : SendingTests
{
    protected override EngineKind Engine => EngineKind.IoUring;
}

public sealed class IoUringSlowReaderTests : SlowReaderTests
{
    protected override EngineKind Engine => EngineKind.IoUring;
}

public sealed class IoUringSocketOptionTests : SocketOptionTests
{
    protected override EngineKind Engine => EngineKind.IoUring;
}

public sealed class IoUringStartTests : StartTests
{
    protected override EngineKind Engine => EngineKind.IoUring;
}

public sealed class IoUringStopFromInsideTests : StopFromInsideTests
{
    protected override EngineKind Engine => EngineKind.IoUring;
}

public sealed class IoUringStopTests : StopTests
{
    protected override EngineKind Engine => EngineKind.IoUring;
}
