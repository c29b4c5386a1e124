using Iocp.Core;

namespace Framing.Integration.Engines;

public sealed class IoUringEchoTests : EchoTests
{
    protected override EngineKind Engine => EngineKind.IoUring;
}
