namespace Iocp.Core.Engines.Linux;

/// <summary>Whether a connection reads; a byte, for an idle connection is small.</summary>
internal enum ReadingState : byte
{
    /// <summary>It reads when there is something to read.</summary>
    Idle,

    /// <summary>It reads, but not before a later turn of its worker.</summary>
    Deferred,

    /// <summary>A receive is outstanding.</summary>
    Outstanding,

    /// <summary>A receive is outstanding that was deferred before: what it finds says whether that is worth it.</summary>
    PutOff,

    /// <summary>A poll is outstanding, which completes when there is something to receive.</summary>
    Polling,

    /// <summary>It has a reason not to read, until <see cref="EngineRequests.Resume"/>.</summary>
    Stopped,

    /// <summary>There is nothing more to read: for good.</summary>
    Ended,
}
