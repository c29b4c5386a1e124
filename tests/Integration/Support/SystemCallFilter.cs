using System.Runtime.InteropServices;

namespace Framing.Integration;

/// <summary>A seccomp filter as containers have them: one system call fails.</summary>
internal static partial class SystemCallFilter
{
    public const uint IoUringSetup = 425;

    public static unsafe void Fail(uint systemCall, ushort errno)
    {
        const int setNoNewPrivileges = 38;
        const int setSeccomp = 22;
        const int filterMode = 2;
        uint failed = 0x0005_0000u | errno;     // SECCOMP_RET_ERRNO
        const uint allowed = 0x7fff_0000;
        var program = stackalloc Instruction[]
        {
            new Instruction(0x20, 0, 0, 0),                 // load the number of the call
            new Instruction(0x15, 0, 1, systemCall),        // not this one: skip
            new Instruction(0x06, 0, 0, failed),
            new Instruction(0x06, 0, 0, allowed),
        };
        var filter = new Filter { Length = 4, Program = program };
        Assert.Equal(0, Control(setNoNewPrivileges, 1, 0, 0, 0));
        Assert.Equal(0, Control(setSeccomp, filterMode, (nint)(&filter), 0, 0));
    }

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Control(int option, nint argument2, nint argument3, nint argument4, nint argument5);

    /// <summary>struct sock_filter.</summary>
    private readonly record struct Instruction(ushort Code, byte WhenTrue, byte WhenFalse, uint Value);

    /// <summary>struct sock_fprog.</summary>
    private unsafe struct Filter
    {
        public ushort Length;
        public Instruction* Program;
    }
}
