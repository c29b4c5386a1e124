using Iocp.Core;

namespace Framing.Integration.Engines;

public sealed class SocketsScaleTests : ScaleTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsChurnProcessTests : ChurnProcessTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsAllocationTests : AllocationTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}

public sealed class SocketsDescriptorTests : DescriptorTests
{
    protected override EngineKind Engine => EngineKind.Sockets;
}
