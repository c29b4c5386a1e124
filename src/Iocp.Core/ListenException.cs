using System.Net;
using System.Net.Sockets;

namespace Iocp.Core;

/// <summary>A listener could not be bound; <see cref="SocketException.SocketErrorCode"/> says why.</summary>
public sealed class ListenException : SocketException
{
    internal ListenException(EndPoint endPoint, SocketException cause)
        : base((int)cause.SocketErrorCode)
    {
        EndPoint = endPoint;
        Message = $"Cannot listen on {endPoint}: {cause.Message}";
    }

    /// <summary>The end point of the options that could not be bound.</summary>
    public EndPoint EndPoint { get; }

    /// <inheritdoc/>
    public override string Message { get; }
}
