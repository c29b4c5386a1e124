using Microsoft.Win32.SafeHandles;

namespace Iocp.Core.Engines.Iocp;

/// <summary>A completion port; closed when no call uses it any more.</summary>
internal sealed class CompletionPortHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public CompletionPortHandle(nint port)
        : base(true) => SetHandle(port);

    protected override bool ReleaseHandle() => Kernel32.CloseHandle(handle) != 0;
}
