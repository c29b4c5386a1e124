using System.Net;
using System.Net.Sockets;
using Iocp.Core.Engines.Completions;

namespace Iocp.Core.Engines.Iocp;

/// <summary>
/// A listener of the completion port. When the workers take the completions of more than half of its accepts at once, clients are storming in, and as many
/// accepts are added as make 200; afterwards each that completes is given up until there are as many as before. (The article's figures are 50 and 200.)
/// </summary>
internal sealed class IocpListener : CompletionListener<AcceptOperation>
{
    private const int MaxAccepts = 200;

    private readonly nint _acceptEx;
    private readonly nint _getAcceptExSockaddrs;
    private IssueGate _gate;
    private int _outstanding;       // accepts of which no completion was taken
    private int _taken;             // accepts whose completion was taken, and not seen to the end

    public unsafe IocpListener(IocpEngine engine, Socket socket, ConnectionOrigin origin)
        : base(engine, socket, origin)
    {
        Handle = socket.SafeHandle;
        _acceptEx = (nint)Ws2_32.AcceptEx(Handle);
        _getAcceptExSockaddrs = (nint)Ws2_32.GetAcceptExSockaddrs(Handle);
        Port.AssociateListener(Handle);
    }

    public SafeSocketHandle Handle { get; }

    public CompletionPort Port => Engine.Port;

    /// <summary>Entered by whoever begins an accept.</summary>
    public ref IssueGate Gate => ref _gate;

    protected override bool HasSurplus => Accepts > Options.AcceptsOutstanding && Volatile.Read(ref _outstanding) >= Options.AcceptsOutstanding;

    private new IocpEngine Engine => (IocpEngine)base.Engine;

    private bool IsStorm => Volatile.Read(ref _taken) is > 1 and int taken && 2 * taken > Options.AcceptsOutstanding;

    /// <summary>A worker took a completion from the port, and is about to see to it.</summary>
    public void OnAcceptDequeued()
    {
        Interlocked.Decrement(ref _outstanding);
        Interlocked.Increment(ref _taken);
    }

    public override void OnAcceptCompleted(AcceptOperation operation)
    {
        if (operation.Error == SocketError.Success && IsStorm && IsFlowing)
        {
            TopUp();
        }

        base.OnAcceptCompleted(operation);
        Interlocked.Decrement(ref _taken);
    }

    protected override AcceptOperation CreateAccept() => new(this);

    protected override bool Issue(AcceptOperation operation)
    {
        if (!_gate.TryEnter())
        {
            operation.Error = SocketError.OperationAborted;
            return false;
        }

        try
        {
            Interlocked.Increment(ref _outstanding);
            SocketError error = operation.Issue(Handle, _acceptEx, Options.EndPoint.AddressFamily);
            if (error == SocketError.Success)
            {
                return true;    // from here on another thread may have it
            }

            Interlocked.Decrement(ref _outstanding);
            operation.Error = error;
            return false;
        }
        finally
        {
            _gate.Exit();
        }
    }

    protected override CompletionConnection CreateConnection(AcceptOperation operation)
    {
        Socket socket = operation.Take(Handle);
        try
        {
            Port.Associate(socket.SafeHandle);
            SocketSettings.Apply(socket, Engine.Host.Options);
            EndPoint? remote = EndPoint is IPEndPoint ? operation.RemoteEndPoint(_getAcceptExSockaddrs, EndPoint) : socket.RemoteEndPoint;
            return new IocpConnection(Engine, Origin, socket, CompletionPort.SkipOnSuccess(socket.SafeHandle), remote);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    protected override void Cancel()
    {
        _gate.Close();
        CompletionPort.Cancel(Handle);
    }

    private void TopUp()
    {
        try
        {
            for (int i = Accepts; i < MaxAccepts; i++)
            {
                AddAccept();
            }
        }
        catch (OutOfMemoryException)
        {
            // Those that there are must do.
        }
    }
}
