using System.Net;

namespace Framing.Integration;

/// <summary>Takes no connection out of its backlog, which is full: on Linux a backlog of 1 holds two.</summary>
internal sealed class FullListener : IDisposable
{
    private readonly PlainServer _server = new(backlog: 1);
    private readonly List<PlainClient> _waiting = [];

    public EndPoint EndPoint => _server.EndPoint;

    public static async Task<FullListener> StartAsync()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "elsewhere a full backlog refuses");
        var listener = new FullListener();
        listener._waiting.Add(await PlainClient.ConnectAsync(listener.EndPoint));
        listener._waiting.Add(await PlainClient.ConnectAsync(listener.EndPoint));
        return listener;
    }

    public void Dispose()
    {
        _server.Dispose();
        _waiting.ForEach(client => client.Dispose());
    }
}
