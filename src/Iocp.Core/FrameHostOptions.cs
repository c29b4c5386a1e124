using Iocp.Core.Engines;
using Microsoft.Extensions.Logging;

namespace Iocp.Core;

/// <summary>
/// What <see cref="FrameServerOptions"/> and <see cref="FrameClientOptions"/> have in common. Copied and validated by the constructor of
/// the server or client: a value out of range is an <see cref="ArgumentOutOfRangeException"/> that names option, value and range.
/// </summary>
public abstract class FrameHostOptions
{
    private protected FrameHostOptions()
    {
    }

    /// <summary>Inline delivery, on the worker. Null together with <see cref="ConnectionHandler"/> (the default): frames are pulled. Both set is an error.</summary>
    public IFrameHandler? Handler { get; set; }

    /// <summary>Per-connection asynchronous delivery, on the thread pool.</summary>
    public ConnectionHandler? ConnectionHandler { get; set; }

    /// <summary>
    /// Called once for each connection, after its last frame, on the runtime's thread pool, for several connections at once. (By pull delivery the last frame has
    /// been taken then; the consumer may still be about to see to it. By <see cref="ConnectionHandler"/> the task has ended.) The connection counts against
    /// <see cref="MaxConnections"/> until it returns, and consumers run on that pool too: it may wait a little, not long. An exception from it is logged.
    /// </summary>
    public Action<ConnectionClosed>? Closed { get; set; }

    /// <summary>Which engine to use. Default: the best there is. Forcing one that the machine lacks is a <see cref="PlatformNotSupportedException"/> at construction.</summary>
    public EngineKind Engine { get; set; }

    /// <summary>
    /// Worker threads, 1 to 1,024; null: one a processor. The article's "processors * 2 + 2" is for workers that block; ours never do, and more
    /// threads than processors would only take turns. Does not apply to the portable engine, which runs on the runtime's thread pool.
    /// </summary>
    public int? Workers { get; set; }

    /// <summary>
    /// With the io_uring engine: TCP connections are held by direct descriptors, entries of the rings' file tables, and take none of the process's file
    /// descriptors once they are established. So a process may hold more connections than its descriptor limit (RLIMIT_NOFILE) says: an administrator who sets that
    /// limit to bound connections must bound <see cref="MaxConnections"/> instead. Default false.
    /// <para>A table has at most as many places as that limit (and 1,048,576), one table a worker: so at least <see cref="MaxConnections"/> / limit workers are
    /// started (if that is more than an eighth of the limit, for each takes descriptors of its own, or more than 1,024, it is an <see cref="ArgumentOutOfRangeException"/>), each with a
    /// thread, some 0.5 MB of kernel memory, 8 bytes more of it for each place of its table, and 256 KiB to 4 MiB of receive buffers. Connections are dealt out
    /// to more than <see cref="Workers"/> of them only when these have no room. Other engines ignore it and say so in the log, and so does io_uring before Linux 6.14: up to 6.12 a close waits there for
    /// operations of other connections.</para>
    /// </summary>
    public bool DirectDescriptors { get; set; }

    /// <summary>
    /// With the io_uring and epoll engines: how long a worker with nothing to do looks for more before it blocks, 0 to 10 ms, default 0. Saves the time of
    /// waking it (some 5 to 50 microseconds) and costs a processor while connections are quiet for less than that: for those who want latency and have
    /// more processors than <see cref="Workers"/>. Other engines ignore it and say so in the log.
    /// </summary>
    public TimeSpan SpinTime { get; set; }

    /// <summary>
    /// Open connections, 1 to 16,777,215, default 1,000,000. At the limit a server accepts no more: they wait in the backlog, and its listeners get a place that becomes free in turn; a client's
    /// <see cref="FrameClient.ConnectAsync(System.Net.EndPoint, System.Net.EndPoint?, CancellationToken)"/> throws. A connection counts until <see cref="Closed"/> has returned for it.
    /// </summary>
    public int MaxConnections { get; set; } = 1_000_000;

    /// <summary>Frames waiting in the pull queue, 1 to 16,777,216, default 65,536. A full queue pauses reading until a quarter of it is free; nothing is dropped.</summary>
    public int ReceiveQueueFrames { get; set; } = 65_536;

    /// <summary>Bytes waiting in the pull queue, 1 to 2^40, default 50,000,000 (the article's 50 MB heap). A full queue pauses reading until a quarter of it is free; a frame that is longer waits until the queue is empty, and then alone in it.</summary>
    public long ReceiveQueueBytes { get; set; } = 50_000_000;

    /// <summary>
    /// Bytes of one connection that may wait undelivered (its share of the pull queue, or of its own queue with <see cref="ConnectionHandler"/>):
    /// 1 to 1 GiB, default 262,144. At the limit reading from that connection pauses; it goes on at half. One frame more than the limit may wait.
    /// A frame counts in full 128 bytes, since holding the smallest takes as much.
    /// </summary>
    public int ReceiveQueueBytesPerConnection { get; set; } = 262_144;

    /// <summary>
    /// Bytes that may wait to be sent on one connection: 1 to 1 GiB, default 262,144. A send is accepted while the queue is below the bound
    /// (so one send more than the bound may wait); at the bound sends say <see cref="SendStatus.QueueFull"/> until less is queued, and a server
    /// does not read and deliver the connection's frames until half of it has left. A <see cref="FrameClient"/> does: two ends that both waited for the other to read would wait for ever.
    /// </summary>
    public int SendQueueBytesPerConnection { get; set; } = 262_144;

    /// <summary>
    /// Time after accept, or after the last pause of receiving, for the first complete frame; default 30 s for a server and infinite for a client. As all
    /// timeouts here 1 ms to 24 days, or infinite but for <see cref="LingerTimeout"/> and <see cref="DrainTimeout"/>; a deadline is never early, to the millisecond, and at most 0.1 s late. None knows of bytes that the system has and a worker
    /// has not come to, because a handler keeps it: that time is the peer's too.
    /// </summary>
    public TimeSpan FirstFrameTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Time from the first byte of a frame to its last, however the bytes between them drip in; default 60 s. For a message of
    /// several packets (which is one frame) it is the time of the whole message. Does not run between frames, nor while bytes of the peer wait because reading is paused. A peer that sends the longest legal frame
    /// must be able to do so in this time: 1 MiB in 60 s are 17 KiB a second; with its first frame on a server also within <see cref="FirstFrameTimeout"/>.
    /// </summary>
    public TimeSpan FrameTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Time without a received byte after which a connection is closed; off (infinite) by default. Does not run while reading is paused.</summary>
    public TimeSpan IdleTimeout { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>
    /// Time without a byte that the system took for the peer while something waits for it to be taken; default 30 s. On <see cref="EngineKind.Sockets"/> and <see cref="EngineKind.Iocp"/>
    /// progress is seen when a whole operation has completed, which is less than 128 KiB: a peer must take that much in this time. On <see cref="EngineKind.IoUring"/>
    /// and <see cref="EngineKind.Epoll"/> it is seen when Linux says that a full socket has room again, for which a third of its send buffer (TCP's, which grows to megabytes; three quarters of a UNIX socket's) must have left.
    /// </summary>
    public TimeSpan SendTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a graceful close waits for the peer's end after the last byte was sent; default 2 s.</summary>
    public TimeSpan LingerTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long stop waits for what is queued to be sent, and how long a pulled connection whose peer has finished sending stays open for answers to
    /// frames not yet disposed; default 5 s. Not for the others: an inline connection closes with its input, one with a
    /// <see cref="ConnectionHandler"/> when that has ended, however long it takes.
    /// </summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>TCP_NODELAY on every TCP connection; default true.</summary>
    public bool NoDelay { get; set; } = true;

    /// <summary>SO_KEEPALIVE on every TCP connection; default true.</summary>
    public bool KeepAlive { get; set; } = true;

    /// <summary>Idle time before the first keep-alive probe, whole seconds, 1 s to 32,767 s, default 60 s.</summary>
    public TimeSpan KeepAliveTime { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Time between keep-alive probes, whole seconds, 1 s to 32,767 s, default 10 s.</summary>
    public TimeSpan KeepAliveInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Unanswered probes after which the connection is dead, 1 to 127, default 5.</summary>
    public int KeepAliveRetryCount { get; set; } = 5;

    /// <summary>SO_SNDBUF in bytes, 1 to 1 GiB; null leaves it to the kernel, which tunes it better (the article's 0 is for overlapped sends on Windows).</summary>
    public int? SendBufferSize { get; set; }

    /// <summary>SO_RCVBUF in bytes, 1 to 1 GiB; null leaves it to the kernel: a small fixed one stalls large frames for a delayed acknowledgement.</summary>
    public int? ReceiveBufferSize { get; set; }

    /// <summary>The clock of every deadline; tests put a fake one here.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Where logs go; null: nowhere. What a logger throws is dropped.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>Makes the engine in place of the chosen one: of a server in memory, and in tests.</summary>
    internal Func<FrameHost, IEngine>? EngineFactory { get; set; }

    /// <summary>A shallow copy, so that what was validated cannot change afterwards.</summary>
    private protected FrameHostOptions CopyBase() => (FrameHostOptions)MemberwiseClone();
}
