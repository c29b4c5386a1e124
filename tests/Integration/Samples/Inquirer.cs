using System.Collections.Concurrent;
using System.Net;
using Framing.Binary;
using Iocp.Core;

namespace Samples;

/// <summary>Asks questions over one connection, any number at once; the serial number tells which answer belongs to which.</summary>
public sealed class Inquirer : IFrameHandler, IAsyncDisposable
{
    private readonly ConcurrentDictionary<uint, TaskCompletionSource<byte[]>> _asked = new();
    private readonly FrameClient _client;
    private Connection? _connection;
    private uint _serial;

    public Inquirer() => _client = new FrameClient(new FrameClientOptions
    {
        Framing = BinaryFraming.Create(new BinaryFramingOptions { MaxPayloadLength = 1024 }),
        Handler = this,
        Closed = closed =>
        {
            foreach (TaskCompletionSource<byte[]> asked in _asked.Values)
            {
                asked.TrySetException(new IOException($"The connection has closed: {closed.Reason}.", closed.Error));
            }
        },
    });

    public async Task ConnectAsync(EndPoint server, CancellationToken cancellationToken = default)
        => _connection = await _client.ConnectAsync(server, cancellationToken: cancellationToken);

    public async Task<byte[]> AskAsync(ReadOnlyMemory<byte> question, CancellationToken cancellationToken = default)
    {
        uint serial = Interlocked.Increment(ref _serial);
        TaskCompletionSource<byte[]> asked = _asked[serial] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            SendResult sent = await _connection!.SendPacketAsync(PacketServer.Question, serial, question.Span, cancellationToken: cancellationToken);
            return sent.Status == SendStatus.Queued
                ? await asked.Task.WaitAsync(cancellationToken)
                : throw new IOException($"The question was not sent: {sent}.");
        }
        finally
        {
            _asked.TryRemove(serial, out _);
        }
    }

    public void OnFrame(Connection connection, Frame frame)
    {
        PacketHead.TryRead(frame.Bytes, out PacketHead head);
        if (_asked.TryGetValue(head.SerialNumber, out TaskCompletionSource<byte[]>? asked))
        {
            asked.TrySetResult(frame.Bytes[PacketHead.Size..].ToArray());
        }
    }

    public ValueTask DisposeAsync() => _client.DisposeAsync();
}
