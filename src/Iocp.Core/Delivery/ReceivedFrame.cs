using System.Globalization;
using CommunityToolkit.HighPerformance.Buffers;

namespace Iocp.Core;

/// <summary>
/// A received frame, leased from a bounded pool: dispose it when done. A second dispose does nothing, also through a copy of this value;
/// forgetting it costs the pool, and by pull a connection whose peer has finished stays for <see cref="FrameHostOptions.DrainTimeout"/>.
/// </summary>
public readonly record struct ReceivedFrame : IDisposable
{
    private readonly FrameLease? _lease;
    private readonly int _version;

    internal ReceivedFrame(FrameLease lease, int version) => (_lease, _version) = (lease, version);

    /// <summary>Where the frame came from.</summary>
    /// <exception cref="ObjectDisposedException">The frame was disposed.</exception>
    /// <exception cref="InvalidOperationException">The frame came from a <see cref="FramePipeReader"/>.</exception>
    public Connection Connection
    {
        get
        {
            Connection? connection = Lease.Connection;
            // The lease may have been released, and leased again, between the check and the read: check once more.
            ObjectDisposedException.ThrowIf(!_lease!.IsCurrent(_version), typeof(ReceivedFrame));
            return connection ?? throw new InvalidOperationException("A frame that came from a FramePipeReader has no connection.");
        }
    }

    /// <summary>The frame as the framing delivers it, as a rule the header included; valid until dispose.</summary>
    /// <exception cref="ObjectDisposedException">The frame was disposed.</exception>
    public ReadOnlyMemory<byte> Bytes
    {
        get
        {
            FrameLease lease = Lease;
            return lease.Buffer.AsMemory(0, lease.Length);
        }
    }

    /// <summary>Frames of this connection before this one.</summary>
    /// <exception cref="ObjectDisposedException">The frame was disposed.</exception>
    public long Index => Lease.Index;

    /// <summary>Where the first of its bytes is in the connection's stream: behind what the framing strips.</summary>
    /// <exception cref="ObjectDisposedException">The frame was disposed.</exception>
    public long StreamOffset => Lease.StreamOffset;

    private FrameLease Lease
    {
        get
        {
            ObjectDisposedException.ThrowIf(_lease is null || !_lease.IsCurrent(_version), typeof(ReceivedFrame));
            return _lease;
        }
    }

    /// <summary>A copy to keep beyond this frame, in pooled memory of its own; dispose it when done.</summary>
    /// <exception cref="ObjectDisposedException">The frame was disposed.</exception>
    public MemoryOwner<byte> ToMemoryOwner()
    {
        ReadOnlySpan<byte> bytes = Bytes.Span;
        MemoryOwner<byte> owner = MemoryOwner<byte>.Allocate(bytes.Length);
        bytes.CopyTo(owner.Span);
        return owner;
    }

    /// <summary>Which frame it is, for a log; of one that was disposed that it was. Never throws.</summary>
    public override string ToString()
    {
        if (_lease is not { } lease)
        {
            return "disposed";
        }

        // Read first, then looked at: it may be released, and leased again, at any moment.
        string text = string.Create(CultureInfo.InvariantCulture, $"frame {lease.Index} of {lease.Connection?.ToString() ?? "a pipe"}: {lease.Length} bytes at {lease.StreamOffset}");
        return lease.IsCurrent(_version) ? text : "disposed";
    }

    /// <summary>Gives the memory back.</summary>
    public void Dispose() => _lease?.Release(_version);
}
