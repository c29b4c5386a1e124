namespace Iocp.Core.Engines.Completions;

/// <summary>What comes after a receive, or a send.</summary>
internal enum TransferOutcome
{
    /// <summary>The next.</summary>
    GoOn,

    /// <summary>The same again, after a pause: there was no memory or no buffer for it.</summary>
    Later,

    /// <summary>Nothing: reading has ended, or stopped until a resume; all was sent, or nothing more can be.</summary>
    Ended,
}
