using System.Net;

namespace Framing.Integration;

/// <summary>Takes no connection out of its backlog, which is full: on Linux a backlog of 1 holds two.</summary>
internal sealed class FullListener : IDisposable
{
    private readonly PlainServer _server;
    private readonly List<PlainClient> _waiting = [];

    private FullListener(EndPoint? endPoint) => _server = new PlainServer(endPoint, backlog: 1);

    public EndPoint EndPoint => _server.EndPoint;

    public static async Task<FullListener> StartAsync(EndPoint? endPoint = null)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "elsewhere a full backlog refuses");
        var listener = new FullListener(endPoint);
        listener._waiting.Add(await PlainClient.ConnectAsync(listener.EndPoint));
        listener._waiting.Add(await PlainClient.ConnectAsync(listener.EndPoint));
        if (listener.EndPoint is IPEndPoint)
        {
            // A client is connected before its last acknowledgement has come, and only that puts it into the backlog.
            await Eventually.EqualAsync(listener._waiting.Count, () => TcpInformation.WaitingInBacklog(listener._server.Listener), "who waits in the backlog");
        }

        return listener;
    }

    /// <summary>Makes room: takes those out that filled it.</summary>
    public async Task AcceptAllAsync()
    {
        foreach (PlainClient _ in _waiting.ToArray())
        {
            _waiting.Add(await _server.AcceptAsync());
        }
    }

    public void Dispose()
    {
        _server.Dispose();
        _waiting.ForEach(client => client.Dispose());
    }
}
