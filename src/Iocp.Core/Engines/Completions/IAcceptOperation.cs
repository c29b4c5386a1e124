using System.Net.Sockets;

namespace Iocp.Core.Engines.Completions;

/// <summary>One accept of a <see cref="CompletionListener{TAccept}"/>; given to the system again when it has completed.</summary>
internal interface IAcceptOperation : IDisposable
{
    /// <summary>How it ended.</summary>
    SocketError Error { get; set; }

    /// <summary>The accepted socket, while it is the operation's.</summary>
    nint AcceptedHandle { get; }

    /// <summary>Accepted, but there was no room: it waits here, and this accept is not outstanding, until there is.</summary>
    CompletionConnection? Held { get; set; }

    /// <summary>Closes the accepted socket, if it is the operation's.</summary>
    void Discard();
}
