using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Framing.Tool.Parsing;
using Iocp.Core;
using Iocp.Core.Engines;

namespace Framing.Tool.Load;

/// <summary>
/// <c>--split</c>: plain sockets, since <see cref="Connection.Send(ReadOnlySpan{byte})"/> takes whole frames only. The stream of messages leaves
/// in pieces of random length, each in a packet of its own as far as the system lets it.
/// </summary>
internal sealed class SplitTransport(LoadContext context) : LoadTransport
{
    private readonly ConcurrentBag<SplitConnection> _connections = [];
    private readonly DescriptorReserve _reserve = new(accepts: 0);

    public override async Task<LoadConnection> OpenAsync(int index, EndPoint target, EndPoint? source, CancellationToken cancellationToken)
    {
        // Asked with a socket of its own, not the one that connects: one whose handle was shown does not connect to names.
        if (_reserve.IsTouched())
            throw new SocketException((int)SocketError.TooManyOpenSockets);
        var socket = target switch
        {
            UnixDomainSocketEndPoint => new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified),
            IPEndPoint ip => new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true },
            _ => new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true },
        };
        try
        {
            if (source is not null)
                socket.Bind(source);
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timeout.CancelAfter(ConnectTimeout);
            await socket.ConnectAsync(target, timeout.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            socket.Dispose();
            throw NotReached(target);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new SocketException((int)e.SocketErrorCode, $"{EndPointText.Format(target)}: {new SocketException((int)e.SocketErrorCode).Message}");
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        var connection = new SplitConnection(context, index, socket);
        _connections.Add(connection);
        connection.StartReceiving();
        return connection;
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
            await connection.CloseAsync();
    }

    private sealed class SplitConnection(LoadContext context, int index, Socket socket) : LoadConnection(context, index)
    {
        private const int ReceiveBytes = 4096;

        private readonly Random _cuts = new(index);
        private Task _receiving = Task.CompletedTask;

        public void StartReceiving() => _receiving = ReceiveAsync();

        public Task CloseAsync()
        {
            socket.Dispose();
            return _receiving;
        }

        protected override async ValueTask<bool> TransmitAsync(ReadOnlyMemory<byte> messages)
        {
            // Small against a message, and never so small that a large one takes thousands of calls.
            var longest = Math.Max(16, Context.Pattern.Length / 8);
            while (messages.Length > 0)
            {
                var piece = messages[..Math.Min(_cuts.Next(1, longest + 1), messages.Length)];
                while (piece.Length > 0)
                {
                    var sent = await socket.SendAsync(piece);
                    piece = piece[sent..];
                    messages = messages[sent..];
                }
            }

            return true;
        }

        protected override void Abort() => socket.Dispose();

        private async Task ReceiveAsync()
        {
            var buffer = new byte[ReceiveBytes];
            try
            {
                int count;
                while ((count = await socket.ReceiveAsync(buffer.AsMemory())) > 0)
                    OnReceived(buffer.AsSpan(0, count));
                OnClosed(DescribePeersEnd(CloseReason.RemoteClosed));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                OnClosed(e.Message);
            }
        }
    }
}
