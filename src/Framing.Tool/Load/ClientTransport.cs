using System.Net;
using Framing.Tool.Parsing;
using Iocp.Core;

namespace Framing.Tool.Load;

/// <summary>Connections of one <see cref="FrameClient"/> with inline delivery: answers to one read leave in one send.</summary>
internal sealed class ClientTransport : LoadTransport, IFrameHandler
{
    private readonly LoadContext _context;
    private readonly FrameClient _client;

    public ClientTransport(LoadContext context)
    {
        _context = context;
        _client = CommandOptions.Accepted(() => new FrameClient(new FrameClientOptions
        {
            Framing = context.Settings.ClientFraming,
            Engine = context.Settings.Engine,
            ConnectTimeout = ConnectTimeout,
            MaxConnections = context.Settings.Connections,
            DirectDescriptors = context.Settings.Hold,
            Handler = this,
            Closed = OnClosed,
        }));
    }

    public override async Task<LoadConnection> OpenAsync(int index, EndPoint target, EndPoint? source, CancellationToken cancellationToken)
    {
        var connection = await ConnectAsync(target, source, cancellationToken);
        var load = new ClientConnection(_context, index, connection);
        connection.State = load;
        return load;
    }

    public void OnFrame(Connection connection, Frame frame)
    {
        // Without a state nothing has been sent, so no frame can be an echo.
        if (connection.State is ClientConnection load)
            load.OnFrame(frame);
        else
            throw new InvalidOperationException("A frame came before any was sent.");
    }

    public override ValueTask DisposeAsync() => _client.DisposeAsync();

    private async Task<Connection> ConnectAsync(EndPoint target, EndPoint? source, CancellationToken cancellationToken)
    {
        try
        {
            return await _client.ConnectAsync(target, source, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw NotReached(target);
        }
    }

    private void OnClosed(ConnectionClosed closed)
    {
        if (closed.Connection.State is ClientConnection load)
            load.OnClosed(closed);
    }

    private sealed class ClientConnection(LoadContext context, int index, Connection connection) : LoadConnection(context, index)
    {
        // The beginning of a frame is not passed on.
        public override bool Answered => connection.BytesReceived > 0;

        public void OnFrame(Frame frame)
        {
            if (Context.Settings.Framing != FramingKind.XmlRaw && frame.Bytes.Length != Context.Pattern.Length)
                OnWrong($"frame {frame.Index} came back with {frame.Bytes.Length} bytes instead of {Context.Pattern.Length}");
            else
                OnReceived(frame.Bytes);
        }

        public void OnClosed(ConnectionClosed closed) => OnClosed(closed switch
        {
            { Rejection: { } rejection } => $"{closed.Reason}: {rejection}",
            { Error: { } error } => $"{closed.Reason}: {error.Message}",
            { Reason: CloseReason.RemoteClosed or CloseReason.RemoteReset } => DescribePeersEnd(closed.Reason),
            _ => $"{closed.Reason}",
        });

        protected override ValueTask<bool> TransmitAsync(ReadOnlyMemory<byte> messages)
        {
            var result = connection.Send(messages.Span);
            if (result.Status == SendStatus.Refused)
            {
                OnClosed($"refused to send: {result.Rejection}");
                Abort();
            }

            if (result.Status == SendStatus.Closed)
                OnClosed($"{connection.CloseReason}");      // its notification may have come before it had a state
            return ValueTask.FromResult(result.Status == SendStatus.Queued);
        }

        protected override void Abort() => connection.Close(CloseMode.Abortive);
    }
}
