using System.Net;
using System.Net.Sockets;

namespace Iocp.Core.Engines.Linux;

/// <summary>
/// A connection that belongs to one <see cref="Linux.Worker"/> for life: once it is started only that thread reads, sends and closes. A request from any thread sets a
/// bit; the first one queues the connection to its worker, which sees to all bits at once.
/// </summary>
internal abstract class WorkerConnection : EngineConnection, IWorkItem
{
    // Beside the bits of EngineRequests.
    protected const int StartRequested = 1 << 8;
    protected const int ReadOn = 1 << 9;
    private const int Started = 1 << 10;    // stays

    private RequestBits _requests;      // here, beside the descriptor, it costs no padding
    private readonly PeerAddress _remote;

    protected WorkerConnection(Worker worker, ConnectionOrigin origin, int descriptor, in PeerAddress remote)
        : base(origin)
    {
        Worker = worker;
        Socket = descriptor;
        _remote = remote;
    }

    public override EndPoint? RemoteEndPoint => _remote.ToEndPoint() ?? AskForAddress(remote: true);

    public override EndPoint? LocalEndPoint => AskForAddress(remote: false);

    protected bool IsTcp => _remote.IsTcp;

    protected Worker Worker { get; }

    /// <summary>The descriptor; -1 when there is none: released, or given up for a direct one.</summary>
    protected int Socket { get; private set; }

    protected override void Start() => Post(StartRequested);

    void IWorkItem.Run()
    {
        int requests = _requests.Take(staying: Started);
        if ((requests & StartRequested) != 0)
        {
            _requests.Keep(Started);
        }
        else if ((requests & Started) == 0)
        {
            // A stop may close a connection before whoever accepted it comes to start it: that waits for the start, which queues it again.
            _requests.Keep(requests);
            return;
        }

        try
        {
            Run(requests);
        }
        catch (Exception exception)
        {
            int closing = requests & (int)(EngineRequests.Close | EngineRequests.Abort);
            if (closing != 0 && closing != (requests & ~Started))
            {
                Post(closing);      // a close requested beside what threw must not be lost; one that threw itself is not tried again
            }

            OnFailed(exception);
        }
    }

    private protected sealed override void Request(EngineRequests requests) => Post((int)requests);

    /// <summary>Sees to the bits; on the worker.</summary>
    protected abstract void Run(int requests);

    /// <summary>Asks it of the worker; any thread.</summary>
    public void Post(int requests) => _requests.Post(requests, Worker, this);

    /// <summary>Asks it after a pause: what was tried failed for want of memory or buffers.</summary>
    protected void PostLater(int requests, SocketError error) => ((WorkerEngine)Engine).Shortages.Add((this, requests), error);

    protected static bool Has(int requests, EngineRequests request) => (requests & (int)request) != 0;

    protected virtual unsafe void HalfClose() => _ = Libc.Shutdown(Socket, Libc.SHUT_WR);    // fails when reset meanwhile: the reader sees that

    /// <summary>Gives the descriptor back and says so; when nothing of the connection is outstanding, once.</summary>
    protected void FinishRelease(bool abort)
    {
        ReleaseSocket(abort);
        Finish();
    }

    /// <summary>Gives the descriptor back, if there is one.</summary>
    protected void CloseSocket()
    {
        lock (Worker.AddressLock)
        {
            if (Socket >= 0)
            {
                _ = Libc.Close(Socket);
                Socket = -1;
            }
        }
    }

    protected sealed override unsafe void ReleaseSocket(bool abort)
    {
        if (abort && Socket >= 0)
        {
            // Lingering for no time: close sends a reset, and drops what the peer has not taken.
            var linger = new Linger { OnOff = 1, Seconds = 0 };
            _ = Libc.SetSocketOption(Socket, Libc.SOL_SOCKET, Libc.SO_LINGER, &linger, sizeof(Linger));
        }

        CloseSocket();
        Worker.AddLoad(-1);
    }

    // Under the lock that excludes closing: the number may be another connection's afterwards. Once a close, and rarely else.
    private unsafe EndPoint? AskForAddress(bool remote)
    {
        byte* address = stackalloc byte[Libc.MaxAddressLength];
        int length = Libc.MaxAddressLength;
        lock (Worker.AddressLock)
        {
            if (Socket < 0 || (remote ? Libc.GetPeerName(Socket, address, &length) : Libc.GetSocketName(Socket, address, &length)) < 0)
            {
                return null;
            }
        }

        return PeerAddress.ToEndPoint(new ReadOnlySpan<byte>(address, length));
    }
}
