using System.Runtime.CompilerServices;
using Iocp.Core;

namespace Framing.Integration;

internal static class Gates
{
    /// <summary>Whether a reader has stopped is seen from outside in no other way: what is sent during a pause may be read or left to the system.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_gate")]
    public static extern ref ReceiveGate Gate(this Connection connection);
}
