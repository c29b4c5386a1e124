using Microsoft.Extensions.Logging;

namespace Iocp.Core.Engines;

/// <summary>What an engine is given, and whom it tells.</summary>
internal interface IEngineHost
{
    FrameHostOptions Options { get; }

    PinnedArrayPool Pool { get; }

    ILogger Logger { get; }

    /// <summary>Milliseconds on the host's clock; read once a batch.</summary>
    long Now { get; }

    /// <summary>
    /// A connection was accepted or made. True: it was admitted, and <see cref="Connection.OnClosed"/> is owed. False: there is no room; the engine
    /// holds it, accepts no more, and tries again at <see cref="IEngine.ResumeAccepting"/>.
    /// </summary>
    /// <exception cref="OutOfMemoryException">There is none for it. It was not admitted; the engine gives it up.</exception>
    bool Accepted(Connection connection);

    /// <summary>The engine cannot go on, and has logged why: every connection is closed abortively, for that reason, and the host stops.</summary>
    void Fail(Exception reason);
}
