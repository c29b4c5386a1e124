using System.Net.Sockets;

namespace Iocp.Core.Engines.Completions;

/// <summary>
/// One accept of a <see cref="CompletionListener"/>, given to the system again when it has completed: then it calls
/// <see cref="CompletionListener.OnAcceptCompleted"/>.
/// </summary>
internal interface IAcceptOperation : IDisposable
{
    /// <summary>How it ended.</summary>
    SocketError Error { get; set; }

    /// <summary>The accepted socket, while it is the operation's.</summary>
    nint AcceptedHandle { get; }

    /// <summary>Accepted, but there was no room: it waits here, and this accept is not outstanding, until there is.</summary>
    CompletionConnection? Held { get; set; }

    /// <summary>Gives it to the system. True: outstanding. False: done, with <see cref="Error"/>; on a listener that is closing with any.</summary>
    bool Issue();

    /// <summary>Makes a connection of the accepted socket.</summary>
    /// <exception cref="SocketException">The client has left, or the system failed; the socket is still to be discarded.</exception>
    /// <exception cref="Exception">What the user's CreateDecoder threw; likewise.</exception>
    CompletionConnection CreateConnection();

    /// <summary>Closes the accepted socket, if it is the operation's.</summary>
    void Discard();
}
