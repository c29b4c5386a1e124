using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Iocp.Core.Engines.Iocp;

/// <summary>One ConnectEx in progress; it ends with exactly one completion, cancelled or not.</summary>
internal sealed class ConnectOperation(IocpEngine engine, Socket socket) : Operation(engine.Port, AddressLength)
{
    private const int AddressLength = 128;

    private readonly TaskCompletionSource<SocketError> _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SafeSocketHandle _handle = socket.SafeHandle;

    protected override bool IsOwnerClosed => true;      // whoever waits for it closes the socket as soon as it has ended

    public async Task RunAsync(EndPoint remoteEndPoint, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        engine.Port.Associate(_handle);
        SocketAddress address = remoteEndPoint.Serialize();

        // Invariant: nothing fails between the call that gives the block to the kernel and the end of the wait for it. So what takes memory is done before: the registration, and the object
        // that keeps this method's state over a wait.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        SocketError error;
        using (cancellationToken.UnsafeRegister(static operation => ((ConnectOperation)operation!).Cancel(), this))
        {
            error = Issue(address);
            if (error == SocketError.IOPending)
            {
                if (cancellationToken.IsCancellationRequested)
                {
                    Cancel();       // the token's own call may have come before there was anything to cancel
                }

                // No skip yet: the completion comes by the port even when it is there already.
                error = await _finished.Task.ConfigureAwait(false);
            }
        }

        if (error == SocketError.Success && !UpdateContext())
        {
            error = (SocketError)Marshal.GetLastPInvokeError();
        }

        if (error != SocketError.Success)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new SocketException((int)error);
        }
    }

    public override void Complete(int bytes) => _finished.SetResult(Result(_handle));

    private unsafe bool UpdateContext() => Ws2_32.setsockopt(_handle, (int)SocketOptionLevel.Socket, Ws2_32.UpdateConnectContext, null, 0) == 0;

    private unsafe void Cancel() => Kernel32.CancelIoEx(_handle, &Block->Overlapped);

    private unsafe SocketError Issue(SocketAddress address)
    {
        address.Buffer.Span[..address.Size].CopyTo(new Span<byte>(Payload, AddressLength));
        var connectEx = (delegate* unmanaged<nint, byte*, int, void*, uint, uint*, Overlapped*, int>)Ws2_32.ConnectEx(_handle);
        uint bytes;
        Marshal.SetLastSystemError(0);

        // The caller disposes of the socket only after this operation has completed, so the handle is open.
        int done = connectEx(_handle.DangerousGetHandle(), Payload, address.Size, null, 0, &bytes, Begin());
        int error = done != 0 ? 0 : Marshal.GetLastSystemError();
        if (error is 0 or Ws2_32.IoPending)
        {
            return SocketError.IOPending;
        }

        End();
        return (SocketError)error;
    }
}
