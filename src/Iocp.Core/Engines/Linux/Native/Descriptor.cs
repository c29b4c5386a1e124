using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Iocp.Core.Engines.Linux;

/// <summary>
/// A descriptor of an engine's own (an epoll instance, a ring, an event counter). Connections keep their descriptor as a bare number instead: a
/// handle object and its finalizer would cost an idle connection a quarter of its memory, and a connection has one owner, its worker,
/// which closes it exactly once, after the last operation.
/// </summary>
internal sealed class Descriptor : SafeHandle
{
    private Descriptor(int descriptor)
        : base(-1, ownsHandle: true)
        => SetHandle(descriptor);

    public int Value => (int)handle;

    public override bool IsInvalid => handle == -1;

    /// <summary>Takes over what a call returned.</summary>
    /// <exception cref="SocketException">It is -1; errno says why.</exception>
    public static Descriptor From(int result) => result >= 0 ? new Descriptor(result) : throw SocketErrors.From(Libc.Errno);

    /// <summary>Adds one to an event counter; does nothing once it is closed: its number may be another's then.</summary>
    public unsafe void Signal()
    {
        bool held = false;
        try
        {
            DangerousAddRef(ref held);
            ulong one = 1;
            _ = Libc.Write(Value, &one, sizeof(ulong));
        }
        catch (ObjectDisposedException)
        {
            // The worker has ended, and with it all that it could be woken for.
        }
        finally
        {
            if (held)
            {
                DangerousRelease();
            }
        }
    }

    protected override bool ReleaseHandle() => Libc.Close((int)handle) == 0;
}
