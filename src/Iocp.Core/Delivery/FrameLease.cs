namespace Iocp.Core;

/// <summary>The pooled object behind a <see cref="ReceivedFrame"/>: a copy of one frame. Its version moves on with each release, so that an old handle reaches nothing.</summary>
internal sealed class FrameLease(FrameLeasePool pool) : ILinked<FrameLease>
{
    private int _version;

    public Connection? Connection;
    public byte[] Buffer = [];
    public int Length;
    public long Index;
    public long StreamOffset;

    public FrameLease? Next { get; set; }

    public FrameLease? Previous { get; set; }

    public ReceivedFrame Frame => new(this, _version);

    public bool IsCurrent(int version) => Volatile.Read(ref _version) == version;

    /// <summary>Gives the lease back once; later calls and calls with an older version do nothing.</summary>
    public void Release(int version)
    {
        if (Interlocked.CompareExchange(ref _version, version + 1, version) == version)
        {
            Connection? connection = Connection;
            Connection = null;
            pool.Return(this);
            connection?.OnFrameDisposed();
        }
    }

    /// <summary>Releases a lease that was not handed out.</summary>
    public void Release() => Release(_version);
}
