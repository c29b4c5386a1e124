using Iocp.Core;
using Iocp.Core.Engines;
using Iocp.Core.Engines.IoUring;

namespace Framing.Integration;

/// <summary>An engine as the suite runs against it: its kind, and the options that make it work otherwise inside.</summary>
public readonly record struct TestedEngine(EngineKind Kind)
{
    private static readonly string[] s_direct = ["--direct-descriptors"];
    private static readonly string[] s_spin = ["--spin", "1ms"];

    /// <summary>See <see cref="FrameHostOptions.DirectDescriptors"/>.</summary>
    public bool DirectDescriptors { get; init; }

    /// <summary>Whether workers look for more, for a millisecond, before they block; see <see cref="FrameHostOptions.SpinTime"/>.</summary>
    public bool Spins { get; init; }

    /// <summary>On the command line of <c>serve</c>.</summary>
    internal IEnumerable<string> Arguments => ["--engine", ToolServer.Name(Kind), .. DirectDescriptors ? s_direct : [], .. Spins ? s_spin : []];

    public static implicit operator TestedEngine(EngineKind kind) => new(kind);

    /// <summary>Itself, or the test is skipped: this machine has no such engine.</summary>
    internal TestedEngine OrSkip()
    {
        if (WhyMissing() is { } why)
        {
            Assert.Skip(why);
        }

        return this;
    }

    internal void Configure(FrameHostOptions options)
    {
        options.Engine = Kind;
        options.SpinTime = TimeSpan.FromMilliseconds(Spins ? 1 : 0);
        if (DirectDescriptors)
        {
            // Of the default a million, each ring would have its part: here two workers are enough.
            options.DirectDescriptors = true;
            options.MaxConnections = 20_000;
        }
    }

    private string? WhyMissing()
    {
        try
        {
            EngineSelector.Choose(Kind, out _);
            return DirectDescriptors && !IoUringProbe.ClosesDirectDescriptors() ? "This kernel's io_uring keeps closed direct descriptors open." : null;
        }
        catch (PlatformNotSupportedException exception)
        {
            return exception.Message;
        }
    }
}
