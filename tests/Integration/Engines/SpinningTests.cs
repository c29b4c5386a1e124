using Iocp.Core;

namespace Framing.Integration.Engines;

// The topics in which a worker is woken by another thread, or ends.

public sealed class SpinningEpollEchoTests() : EchoTests(new(EngineKind.Epoll) { Spins = true });
public sealed class SpinningEpollPullDeliveryTests() : PullDeliveryTests(new(EngineKind.Epoll) { Spins = true });
public sealed class SpinningEpollSendingTests() : SendingTests(new(EngineKind.Epoll) { Spins = true });
public sealed class SpinningEpollStopTests() : StopTests(new(EngineKind.Epoll) { Spins = true });
public sealed class SpinningIoUringEchoTests() : EchoTests(new(EngineKind.IoUring) { Spins = true });
public sealed class SpinningIoUringPullDeliveryTests() : PullDeliveryTests(new(EngineKind.IoUring) { Spins = true });
public sealed class SpinningIoUringSendingTests() : SendingTests(new(EngineKind.IoUring) { Spins = true });
public sealed class SpinningIoUringStopTests() : StopTests(new(EngineKind.IoUring) { Spins = true });
