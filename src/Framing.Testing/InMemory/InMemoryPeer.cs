using Iocp.Core;

namespace Framing.Testing;

/// <summary>The other end of a connection of an <see cref="InMemoryServer"/>. Every member may be used from any thread.</summary>
public sealed class InMemoryPeer
{
    /// <summary>Bytes that the server may have sent and that were not received yet, 65,536: at the bound its send queue fills, as behind a peer that does not read.</summary>
    public const int Window = 65_536;

    private readonly TaskCompletionSource<ConnectionClosed> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private readonly byte[] _received = new byte[Window];
    private InMemoryConnection _connection = null!;
    private TaskCompletionSource? _waiting;
    private int _count;
    private bool _ended;
    private bool _reset;

    /// <summary>The server's side of it.</summary>
    public Connection Connection => _connection;

    /// <summary>The connection's close notification; <see cref="FrameHostOptions.Closed"/> has run when it completes.</summary>
    public Task<ConnectionClosed> Closed => _closed.Task;

    /// <summary>
    /// Sends bytes that the server reads at once. Completes when it has done so: an inline handler has then seen the frames that they complete, unless one of
    /// them paused the connection (by itself, or because its answer filled the send queue): the rest follows when it resumes. What the handler asked for, a send or a close,
    /// has begun too, and so have the times that it takes: a test may move the clock.
    /// </summary>
    /// <param name="bytes">One read; not empty; copied.</param>
    /// <param name="cancellationToken">Gives up waiting: the server pauses reading for as long as it must. The bytes stay sent.</param>
    /// <exception cref="ArgumentException">There are no bytes.</exception>
    /// <exception cref="IOException">The connection has closed, or this side has ended or reset it.</exception>
    public Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default)
        => bytes.IsEmpty
            ? throw new ArgumentException("There is nothing to send; EndAsync ends the stream.", nameof(bytes))
            : _connection.Arrive(bytes.ToArray()).WaitAsync(cancellationToken);

    /// <summary>Sends bytes that the server reads in pieces.</summary>
    /// <param name="bytes">All bytes.</param>
    /// <param name="readSize">Length of each piece but the last, at least 1: 1 is byte by byte.</param>
    /// <param name="cancellationToken">Gives up; pieces not sent yet are not sent.</param>
    /// <exception cref="IOException">As for the other.</exception>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes, int readSize, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(readSize, 1);
        for (; !bytes.IsEmpty; bytes = bytes[Math.Min(readSize, bytes.Length)..])
        {
            await SendAsync(bytes[..Math.Min(readSize, bytes.Length)], cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Finishes sending, and goes on receiving. Completes when the server has seen it.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="IOException">The connection has closed, or this side has ended or reset it before.</exception>
    public Task EndAsync(CancellationToken cancellationToken = default) => _connection.Arrive([]).WaitAsync(cancellationToken);

    /// <summary>Resets the connection: bytes on their way are lost in both directions. Does nothing the second time.</summary>
    public void Reset()
    {
        lock (_lock)
        {
            _reset = _ended = true;
            Wake();
        }

        _connection.PeerReset();
    }

    /// <summary>Receives just so many bytes; fewer when the server has finished sending.</summary>
    /// <param name="count">0 or more.</param>
    /// <param name="cancellationToken">Gives up; what was received by then is lost.</param>
    /// <exception cref="IOException">The connection was reset.</exception>
    public async Task<byte[]> ReceiveAsync(int count, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        using MemoryStream all = new();
        while (all.Length < count && await TakeAsync(all, count - (int)all.Length, cancellationToken).ConfigureAwait(false))
        {
        }

        return all.ToArray();
    }

    /// <summary>Receives all that comes until the server has finished sending.</summary>
    /// <param name="cancellationToken">Gives up; what was received by then is lost.</param>
    /// <exception cref="IOException">The connection was reset.</exception>
    public async Task<byte[]> ReceiveToEndAsync(CancellationToken cancellationToken = default)
    {
        using MemoryStream all = new();
        while (await TakeAsync(all, int.MaxValue, cancellationToken).ConfigureAwait(false))
        {
        }

        return all.ToArray();
    }

    internal void Belongs(InMemoryConnection connection) => _connection = connection;

    internal void Notified(ConnectionClosed closed) => _closed.TrySetResult(closed);

    /// <summary>The server sends; how many bytes there was room for.</summary>
    internal int Receive(List<ArraySegment<byte>> buffers)
    {
        lock (_lock)
        {
            int before = _count;
            foreach (ArraySegment<byte> buffer in buffers)
            {
                int length = Math.Min(buffer.Count, Window - _count);
                buffer.AsSpan(0, length).CopyTo(_received.AsSpan(_count));
                _count += length;
            }

            Wake();
            return _count - before;
        }
    }

    /// <summary>The server sends no more.</summary>
    internal void ServerEnded(bool reset)
    {
        lock (_lock)
        {
            _ended = true;
            _reset |= reset;
            Wake();
        }
    }

    // False: there is no more. A reset takes what was not received with it, as a system does.
    private async Task<bool> TakeAsync(MemoryStream target, int most, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task waiting;
            lock (_lock)
            {
                if (_reset)
                {
                    throw new IOException("The connection was reset.");
                }

                if (_count > 0)
                {
                    int length = Math.Min(most, _count);
                    target.Write(_received.AsSpan(0, length));
                    _received.AsSpan(length.._count).CopyTo(_received);
                    _count -= length;
                    break;
                }

                if (_ended)
                {
                    return false;
                }

                waiting = (_waiting ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await waiting.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        _connection.PeerHasRoom();
        return true;
    }

    private void Wake()
    {
        _waiting?.SetResult();
        _waiting = null;
    }
}
