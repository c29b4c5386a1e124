using System.Net.Sockets;

namespace Iocp.Core.Engines;

/// <summary>A socket object that can let go of its descriptor: a connection of the Linux engines has nothing but that.</summary>
internal sealed class DetachableSocket(AddressFamily family, ProtocolType protocol) : Socket(family, SocketType.Stream, protocol)
{
    private bool _detached;

    /// <summary>
    /// The descriptor is the caller's from here on, and the object is disposed of; with it goes the file of a UNIX address that it was bound to, as ever.
    /// </summary>
    public void Detach()
    {
        SafeHandle.SetHandleAsInvalid();
        _detached = true;
        Dispose();
    }

    // Without a handle as a finalizer does it: otherwise it would wait for ever for the handle's release, and shut the connection down meanwhile.
    protected override void Dispose(bool disposing) => base.Dispose(disposing && !_detached);
}
