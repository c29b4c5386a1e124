using System.Net;
using Framing.Binary;
using Iocp.Core;
using Iocp.Core.Engines;
using Iocp.Core.Engines.Iocp;

namespace Framing.Integration.Engines;

/// <summary>An echo server of one worker, which can be held in a handler.</summary>
internal sealed class IocpHeldServer : IAsyncDisposable
{
    private readonly SemaphoreSlim _release = new(0);
    private readonly SemaphoreSlim _entered = new(0);
    private IocpEngine? _engine;
    private PlainClient? _holder;
    private volatile Connection? _held;

    public Journal Journal { get; } = new();

    public TestServer Server { get; private set; } = null!;

    public IEnumerable<AcceptOperation> Accepts => Of<AcceptOperation>();

    /// <summary>The operations of that kind.</summary>
    public IEnumerable<TOperation> Of<TOperation>() => _engine!.Port.Operations.Keys.OfType<TOperation>();

    public static async Task<IocpHeldServer> StartAsync(EngineTests tests, int accepts = 50)
    {
        var held = new IocpHeldServer();
        held.Server = await tests.StartAsync(options =>
        {
            options.Workers = 1;
            options.LoggerFactory = held.Journal;
            options.Listeners.Add(new ListenerOptions { EndPoint = new IPEndPoint(IPAddress.Loopback, 0), Framing = BinaryFraming.Create(), AcceptsOutstanding = accepts });
            options.EngineFactory = host => held._engine = (IocpEngine)EngineSelector.Create(EngineKind.Iocp, host);
            options.Handler = new DelegateHandler(held.OnFrame);
        });
        return held;
    }

    /// <summary>Completes when the worker is in a handler that does not return before <see cref="Release"/>.</summary>
    public async Task HoldAsync()
    {
        if (_holder is null)
        {
            (_holder, _held) = await Server.ConnectBothAsync();
        }

        await _holder.SendAsync(Packets.Make(0));
        Assert.True(await _entered.WaitAsync(Eventually.Limit));
    }

    public void Release() => _release.Release();

    public async ValueTask DisposeAsync()
    {
        Release();
        await Server.DisposeAsync();
        _holder?.Dispose();
    }

    private void OnFrame(Connection connection, Frame frame)
    {
        if (connection == _held)
        {
            _entered.Release();
            _release.Wait();
        }
        else
        {
            connection.Send(frame.Bytes);
        }
    }
}
