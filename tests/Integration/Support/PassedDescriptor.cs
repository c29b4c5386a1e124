using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Framing.Integration;

/// <summary>A message that carries a descriptor beside its bytes, over a UNIX socket on Linux (SCM_RIGHTS, see unix(7)); .NET has no call for it.</summary>
internal static partial class PassedDescriptor
{
    /// <summary>Sends all of the bytes, and with them the socket's own descriptor.</summary>
    public static unsafe void Send(Socket socket, ReadOnlySpan<byte> bytes)
    {
        const int socketLevel = 1;
        const int rights = 1;
        fixed (byte* first = bytes)
        {
            var vector = new IoVector { Address = first, Length = bytes.Length };
            var control = new Control { Length = 20, Level = socketLevel, Type = rights, Descriptor = (int)socket.Handle };
            var message = new Message { Vectors = &vector, VectorCount = 1, Control = &control, ControlLength = sizeof(Control) };
            Assert.Equal(bytes.Length, SendMessage((int)socket.Handle, &message, 0));
        }
    }

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    private static unsafe partial nint SendMessage(int socket, Message* message, int flags);

    /// <summary>struct iovec.</summary>
    private unsafe struct IoVector
    {
        public byte* Address;
        public nint Length;
    }

    /// <summary>struct cmsghdr with one descriptor behind it, padded.</summary>
    private struct Control
    {
        public nint Length;
        public int Level;
        public int Type;
        public int Descriptor;
    }

    /// <summary>struct msghdr.</summary>
    private unsafe struct Message
    {
        public void* Name;
        public int NameLength;
        public IoVector* Vectors;
        public nint VectorCount;
        public Control* Control;
        public nint ControlLength;
        public int Flags;
    }
}
