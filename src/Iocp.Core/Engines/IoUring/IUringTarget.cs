namespace Iocp.Core.Engines.IoUring;

/// <summary>What an outstanding operation is for.</summary>
internal enum Purpose : byte
{
    /// <summary>Nobody waits for it.</summary>
    None,
    WakeUp,
    Accept,
    Connect,
    Receive,
    Send,
    Shutdown,
    Reset,
    Close,
}

/// <summary>The owner of outstanding operations on a worker's ring.</summary>
internal interface IUringTarget
{
    /// <summary>One of its operations completed, or its multishot poll fired and goes on; on the worker.</summary>
    void OnCompletion(Purpose purpose, in CompletionEntry completion);
}
