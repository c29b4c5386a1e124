using System.Net.Sockets;
using Iocp.Core.Engines.Completions;

namespace Iocp.Core.Engines.Iocp;

/// <summary>
/// A listener of the completion port. When the workers take the completions of more than half of its accepts at once, clients are storming in, and as many
/// accepts are added as make 200; afterwards each that completes is given up until there are as many as before. (The article's figures are 50 and 200.)
/// </summary>
internal sealed class IocpListener : CompletionListener
{
    private const int MaxAccepts = 200;

    private HandleGate _gate;
    private int _outstanding;       // accepts of which no completion was taken
    private int _taken;             // accepts whose completion was taken, and not seen to the end
    private int _toppingUp;         // 1: a worker does it, and no other

    public unsafe IocpListener(IocpEngine engine, Socket socket, ConnectionOrigin origin)
        : base(engine, socket, origin)
    {
        Handle = socket.SafeHandle;
        AcceptEx = (nint)Ws2_32.AcceptEx(Handle);
        GetAcceptExSockaddrs = (nint)Ws2_32.GetAcceptExSockaddrs(Handle);
        Port.Associate(Handle, listens: true);
    }

    public new IocpEngine Engine => (IocpEngine)base.Engine;

    public SafeSocketHandle Handle { get; }

    public CompletionPort Port => Engine.Port;

    /// <summary>The address of AcceptEx, as the socket's provider has it.</summary>
    public nint AcceptEx { get; }

    /// <summary>The address of GetAcceptExSockaddrs, likewise.</summary>
    public nint GetAcceptExSockaddrs { get; }

    /// <summary>Entered by whoever begins an accept.</summary>
    public ref HandleGate Gate => ref _gate;

    protected override bool HasSurplus => Accepts > Options.AcceptsOutstanding && Volatile.Read(ref _outstanding) >= Options.AcceptsOutstanding;

    private bool IsStorm => Volatile.Read(ref _taken) is > 1 and int taken && 2 * taken > Options.AcceptsOutstanding;

    /// <summary>An accept is given to the system; taken back if that fails.</summary>
    public void AddOutstanding(int accepts) => Interlocked.Add(ref _outstanding, accepts);

    /// <summary>A worker took a completion from the port, and is about to see to it.</summary>
    public void OnAcceptDequeued()
    {
        Interlocked.Decrement(ref _outstanding);
        Interlocked.Increment(ref _taken);
    }

    public override void OnAcceptCompleted(IAcceptOperation operation)
    {
        try
        {
            if (operation.Error == SocketError.Success && IsStorm && IsFlowing)
            {
                TopUp();
            }

            base.OnAcceptCompleted(operation);
        }
        finally
        {
            Interlocked.Decrement(ref _taken);
        }
    }

    protected override IAcceptOperation CreateAccept() => new AcceptOperation(this);

    protected override void Cancel()
    {
        _gate.Close();
        CompletionPort.Cancel(Handle);
    }

    private void TopUp()
    {
        if (Interlocked.Exchange(ref _toppingUp, 1) == 1)
        {
            return;
        }

        try
        {
            while (Accepts < MaxAccepts && IsFlowing)
            {
                AddAccept();
            }
        }
        catch (OutOfMemoryException)
        {
            // Those that there are must do.
        }
        finally
        {
            Volatile.Write(ref _toppingUp, 0);
        }
    }
}
