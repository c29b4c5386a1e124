using System.Collections.Concurrent;
using System.Net;
using Framing.Binary;
using Iocp.Core;

namespace Samples;

/// <summary>
/// Asks questions over one connection, any number at once; the serial number tells which answer belongs to which. Connects at the first question, and again at the
/// next when the connection has ended.
/// </summary>
public sealed class Inquirer : IFrameHandler, IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly EndPoint _server;
    private readonly FrameClient _client;
    private readonly SemaphoreSlim _connecting = new(1);
    private Connection? _connection;

    public Inquirer(EndPoint server)
    {
        _server = server;
        _client = new FrameClient(new FrameClientOptions
        {
            Framing = BinaryFraming.Create(new BinaryFramingOptions { MaxPayloadLength = 1024 }),
            Handler = this,
            Closed = closed => ((Questions)closed.Connection.State!).Fail(new IOException($"The connection has closed: {closed.Reason}.", closed.Error)),
        });
    }

    /// <exception cref="IOException">The connection has ended, before the question was sent or before it was answered.</exception>
    /// <exception cref="TimeoutException">The server did not answer, or did not let itself be connected to, in time.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">Nobody is there.</exception>
    public async Task<byte[]> AskAsync(ReadOnlyMemory<byte> question, CancellationToken cancellationToken = default)
    {
        Connection connection = await ConnectAsync(cancellationToken);
        Questions questions = (Questions)connection.State!;
        Task<byte[]> answer = questions.Add(out uint serial);
        try
        {
            SendResult sent = await connection.SendPacketAsync(PacketServer.Question, serial, question.Span, cancellationToken: cancellationToken);
            return sent.Status == SendStatus.Queued
                ? await answer.WaitAsync(s_patience, cancellationToken)
                : throw new IOException($"The question was not sent: {sent}.");
        }
        catch (TimeoutException)
        {
            connection.Close(CloseMode.Abortive);       // it may have vanished without a word: the next question gets another connection
            throw;
        }
        finally
        {
            questions.Remove(serial);
        }
    }

    public void OnFrame(Connection connection, Frame frame)
    {
        PacketHead.TryRead(frame.Bytes, out PacketHead head);
        ((Questions)connection.State!).Answer(head.SerialNumber, frame.Bytes[PacketHead.Size..]);
    }

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    private async ValueTask<Connection> ConnectAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _connection) is { CloseReason: CloseReason.None } open)
        {
            return open;
        }

        // One connects for all that ask at that moment.
        if (!await _connecting.WaitAsync(s_patience, cancellationToken))
        {
            throw new TimeoutException("Others wait to connect already.");
        }

        try
        {
            if (_connection is not { CloseReason: CloseReason.None })
            {
                _connection = await _client.ConnectAsync(_server, null, new Questions(), cancellationToken);
            }

            return _connection;
        }
        finally
        {
            _connecting.Release();
        }
    }

    /// <summary>What one connection was asked and has not answered: its end fails these, and none of the next connection.</summary>
    private sealed class Questions
    {
        private readonly ConcurrentDictionary<uint, TaskCompletionSource<byte[]>> _asked = new();
        private uint _serial;

        public Task<byte[]> Add(out uint serial)
        {
            serial = Interlocked.Increment(ref _serial);
            return (_asked[serial] = new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }

        public void Answer(uint serial, ReadOnlySpan<byte> answer)
        {
            if (_asked.TryGetValue(serial, out TaskCompletionSource<byte[]>? asked))
            {
                asked.TrySetResult(answer.ToArray());
            }
        }

        public void Fail(IOException reason)
        {
            foreach (TaskCompletionSource<byte[]> asked in _asked.Values)
            {
                asked.TrySetException(reason);
            }
        }

        public void Remove(uint serial) => _asked.TryRemove(serial, out _);
    }
}
