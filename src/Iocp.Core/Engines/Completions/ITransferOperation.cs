using System.Net.Sockets;

namespace Iocp.Core.Engines.Completions;

/// <summary>
/// The one receive or the one send of a <see cref="CompletionConnection"/>. When it completes it calls <see cref="CompletionConnection.Read"/> or
/// <see cref="CompletionConnection.Send"/> of its connection.
/// </summary>
internal interface ITransferOperation
{
    /// <summary>How it ended.</summary>
    SocketError Error { get; }

    /// <summary>What it transferred.</summary>
    int Bytes { get; }

    /// <summary>Gives it to the system. True: outstanding. False: done, with <see cref="Error"/> and <see cref="Bytes"/>; on a socket that was closed with any error.</summary>
    bool Issue();

    /// <summary>Gives it a turn on another thread, while it is not outstanding: others have this one meanwhile.</summary>
    void Post();

    /// <summary>Gives it a turn after a pause: there was no memory or no buffer for it.</summary>
    void PostLater(SocketError error);

    /// <summary>Lets go of its buffers and its connection; another may rent it.</summary>
    void Return();
}

/// <summary>The one receive: a zero-byte wait, or a read into a rented buffer. It holds all the reader's state.</summary>
internal interface IReceiveOperation : ITransferOperation
{
    /// <summary>The buffer of a read; null: this is a zero-byte wait. A receive that was put off may rent one when it is issued, if there is something to read.</summary>
    byte[]? Rented { get; set; }

    /// <summary>Whether its turn is a resume.</summary>
    bool Resumes { get; set; }

    /// <summary>After a read: whether the next is to have a turn of its own, behind those of others who wait for one.</summary>
    bool PutsOffNext();

    /// <summary>Gives back what is rented.</summary>
    void ReturnBuffer();
}

/// <summary>The one send: everything that was queued when it was gathered.</summary>
internal interface ISendOperation : ITransferOperation
{
    /// <summary>What it sends, filled before each <see cref="ITransferOperation.Issue"/>.</summary>
    List<ArraySegment<byte>> Gathered { get; }
}
