using Iocp.Core;

namespace Framing.Integration.Engines;

// The topics in which a connection begins, ends, waits or is interrupted. Left out: those above the engine (framings, rejections, addressing), those
// that look at a socket from outside by its descriptor (socket options, the descriptor limit; see DirectDescriptorTests instead), and the largest.

public sealed class DirectDescriptorsAdmissionTests() : AdmissionTests(new(EngineKind.IoUring) { DirectDescriptors = true });
public sealed class DirectDescriptorsAllocationTests() : AllocationTests(new(EngineKind.IoUring) { DirectDescriptors = true });
public sealed class DirectDescriptorsBusyWorkerTests() : BusyWorkerTests(new(EngineKind.IoUring) { DirectDescriptors = true });
public sealed class DirectDescriptorsChurnTests() : ChurnTests(new(EngineKind.IoUring) { DirectDescriptors = true });
public sealed class DirectDescriptorsClientTests() : ClientTests(new(EngineKind.IoUring) { DirectDescriptors = true });
public sealed class DirectDescriptorsClientWaitingTests() : ClientWaitingTests(new(EngineKind.IoUring) { DirectDescriptors = true });
public sealed class DirectDescriptorsClosingByPeerTests() : ClosingByPeerTests(new(EngineKind.IoUring) { DirectDescriptors = true });
public sealed class DirectDescriptorsConnectionHandlerTests() : ConnectionHandlerTests(new(EngineKind.IoUring) { DirectDescriptors = true });
public sealed class DirectDescriptorsConnectionTests() : ConnectionTests(new(EngineKind.IoUring) { DirectDescriptors = true });
public sealed class DirectDescriptorsDeadlineTests() : DeadlineTests(new(EngineKind.IoUring) { DirectDescriptors = true });
public sealed class DirectDescriptorsDecoderFailureTests() : DecoderFailureTests(new(EngineKind.IoUring) { DirectDescriptors = true });
public sealed class DirectDescriptorsEchoTests() : EchoTests(new(EngineKind.IoUring) { DirectDescriptors = true });
public sealed class DirectDescriptorsFloodTests() : FloodTests(new(EngineKind.IoUring) { DirectDescriptors = true });
public sealed class DirectDescriptorsInlineDeliveryTests() : InlineDeliveryTests(new(EngineKind.IoUring) { DirectDescriptors = true });
public sealed class DirectDescriptorsIsolationTests() : IsolationTests(new(EngineKind.IoUring) { DirectDescriptors = true });
public sealed class DirectDescriptorsLeftoverTests() : LeftoverTests(new(EngineKind.IoUring) { DirectDescriptors = true });
public sealed class DirectDescriptorsListenerTests() : ListenerTests(new(EngineKind.IoUring) { DirectDescriptors = true });
public sealed class DirectDescriptorsLocalCloseTests() : LocalCloseTests(new(EngineKind.IoUring) { DirectDescriptors = true });
public sealed class DirectDescriptorsPauseTests() : PauseTests(new(EngineKind.IoUring) { DirectDescriptors = true });
public sealed class DirectDescriptorsPullDeliveryTests() : PullDeliveryTests(new(EngineKind.IoUring) { DirectDescriptors = true });
public sealed class DirectDescriptorsSendingTests() : SendingTests(new(EngineKind.IoUring) { DirectDescriptors = true });
public sealed class DirectDescriptorsSlowReaderTests() : SlowReaderTests(new(EngineKind.IoUring) { DirectDescriptors = true });
public sealed class DirectDescriptorsStartTests() : StartTests(new(EngineKind.IoUring) { DirectDescriptors = true });
public sealed class DirectDescriptorsStopFromInsideTests() : StopFromInsideTests(new(EngineKind.IoUring) { DirectDescriptors = true });
public sealed class DirectDescriptorsStopTests() : StopTests(new(EngineKind.IoUring) { DirectDescriptors = true });
