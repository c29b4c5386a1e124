using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Iocp.Core;

/// <summary>Every log message of the core. Nothing is logged for a frame.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Listening on {EndPoint} ({Framing} framing, {Engine} engine)")]
    public static partial void Listening(ILogger logger, EndPoint endPoint, string framing, EngineKind engine);

    [LoggerMessage(2, LogLevel.Warning, "The Workers option ({Workers}) does not apply: the Sockets engine runs on the runtime's thread pool")]
    public static partial void WorkersNotApplicable(ILogger logger, int workers);

    [LoggerMessage(3, LogLevel.Information, "Stopping with {Connections} connections")]
    public static partial void Stopping(ILogger logger, int connections);

    [LoggerMessage(4, LogLevel.Information, "Stopped")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(5, LogLevel.Error, "The Closed callback threw for connection {Connection}")]
    public static partial void ClosedCallbackFailed(ILogger logger, Exception exception, ConnectionId connection);

    [LoggerMessage(6, LogLevel.Debug, "A handler held its worker up for {Milliseconds} ms on connection {Connection}", SkipEnabledCheck = true)]
    public static partial void SlowHandler(ILogger logger, ConnectionId connection, long milliseconds);

    [LoggerMessage(EventId = 7, Message = "Accepting on {EndPoint} failed ({Error}); trying again in {Milliseconds} ms")]
    public static partial void AcceptBackOff(ILogger logger, LogLevel level, EndPoint endPoint, SocketError error, long milliseconds);

    [LoggerMessage(8, LogLevel.Information, "All {MaxConnections} connections are in use")]
    public static partial void Full(ILogger logger, int maxConnections);

    [LoggerMessage(9, LogLevel.Error, "A deadline check threw")]
    public static partial void DeadlineFailed(ILogger logger, Exception exception);

    [LoggerMessage(24, LogLevel.Error, "The TimeProvider threw; until it works again its time stands still")]
    public static partial void ClockFailed(ILogger logger, Exception exception);

    [LoggerMessage(10, LogLevel.Error, "A connection accepted on {EndPoint} was dropped: it could not be set up")]
    public static partial void ConnectionNotMade(ILogger logger, Exception exception, EndPoint endPoint);

    [LoggerMessage(11, LogLevel.Error, "The decoder of connection {Connection} threw when it was disposed")]
    public static partial void DecoderNotDisposed(ILogger logger, Exception exception, ConnectionId connection);

    [LoggerMessage(12, LogLevel.Critical, "The worker {Worker} failed; its connections cannot be served, and the process ends")]
    public static partial void WorkerFailed(ILogger logger, Exception exception, string worker);

    [LoggerMessage(13, LogLevel.Information, "io_uring is not available here ({Reason}); using the Epoll engine")]
    public static partial void NoIoUring(ILogger logger, string reason);

    [LoggerMessage(16, LogLevel.Warning, "Receiving or sending is short of memory or buffers ({Error}); trying again in {Milliseconds} ms")]
    public static partial void Shortage(ILogger logger, SocketError error, long milliseconds);

    [LoggerMessage(17, LogLevel.Critical, "The completion port is lost; closing every connection and stopping")]
    public static partial void PortFailed(ILogger logger, Exception exception);

    [LoggerMessage(18, LogLevel.Warning, "A connection accepted on {EndPoint} was dropped: its socket cannot be used ({Error})")]
    public static partial void AcceptedSocketFailed(ILogger logger, EndPoint endPoint, string error);

    [LoggerMessage(15, LogLevel.Warning, "DirectDescriptors does not apply to the {Engine} engine")]
    public static partial void DirectDescriptorsNotApplicable(ILogger logger, EngineKind engine);

    [LoggerMessage(23, LogLevel.Warning, "SpinTime does not apply to the {Engine} engine")]
    public static partial void SpinTimeNotApplicable(ILogger logger, EngineKind engine);

    [LoggerMessage(21, LogLevel.Warning, "DirectDescriptors does not apply: before Linux 6.14 a direct descriptor may stay open after its close")]
    public static partial void DirectDescriptorsTooEarly(ILogger logger);

    [LoggerMessage(28, LogLevel.Warning, "Frames wait, connections are not read from, and nobody has asked for a frame yet: call ReceiveAllAsync, or set Handler or ConnectionHandler")]
    public static partial void NobodyReceives(ILogger logger);

    [LoggerMessage(25, LogLevel.Warning, "A send on connection {Connection} was refused by its framing: {Rejection}")]
    public static partial void SendRefused(ILogger logger, ConnectionId connection, FrameRejection rejection);

    [LoggerMessage(19, LogLevel.Error, "Connection {Connection} is closed: {Reason}")]
    public static partial void ConnectionFailed(ILogger logger, Exception exception, ConnectionId connection, CloseReason reason);

    [LoggerMessage(20, LogLevel.Debug, "Connection {Connection} with {RemoteEndPoint} has closed: {Reason}", SkipEnabledCheck = true)]
    public static partial void ConnectionClosed(ILogger logger, ConnectionId connection, object remoteEndPoint, CloseReason reason);

    [LoggerMessage(27, LogLevel.Debug, "Connection {Connection} with {RemoteEndPoint} has closed: {Reason} {Rejection}", SkipEnabledCheck = true)]
    public static partial void ConnectionRejected(ILogger logger, ConnectionId connection, object remoteEndPoint, CloseReason reason, FrameRejection rejection);

    [LoggerMessage(22, LogLevel.Warning, "The handler of connection {Connection} threw when that was ending already ({Reason})")]
    public static partial void HandlerFailedLate(ILogger logger, Exception exception, ConnectionId connection, CloseReason reason);

    [LoggerMessage(26, LogLevel.Error, "What was to happen at the close of connection {Connection}, by the token of its handler, threw")]
    public static partial void ClosedTokenFailed(ILogger logger, Exception exception, ConnectionId connection);

    [LoggerMessage(14, LogLevel.Error, "Work on {Worker} failed")]
    public static partial void WorkFailed(ILogger logger, Exception exception, string worker);
}
