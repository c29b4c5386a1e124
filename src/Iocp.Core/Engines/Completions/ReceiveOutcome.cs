namespace Iocp.Core.Engines.Completions;

/// <summary>What comes after a receive.</summary>
internal enum ReceiveOutcome
{
    /// <summary>The next.</summary>
    GoOn,

    /// <summary>The same again, after a pause: there was no memory or no buffer for it.</summary>
    Later,

    /// <summary>Nothing: reading has ended, or stopped until a resume.</summary>
    Ended,
}
