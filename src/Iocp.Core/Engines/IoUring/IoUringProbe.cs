namespace Iocp.Core.Engines.IoUring;

/// <summary>Whether this machine has the io_uring that the engine needs: asked of the kernel, not of its version.</summary>
internal static unsafe class IoUringProbe
{
    private const int MaxOperations = 256;
    private const int HeaderSize = 16;      // struct io_uring_probe
    private const int EntrySize = 8;        // struct io_uring_probe_op

    /// <summary>Null: it has. Otherwise why not.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">Want of memory or descriptors, which says nothing about the machine.</exception>
    public static string? WhyNot()
    {
        try
        {
            using var ring = new Ring(8);
            using var buffers = new BufferRing(ring, 1);
            return MissingOperation(ring) is { } missing ? $"the operation {missing} is missing" : null;
        }
        catch (PlatformNotSupportedException exception)
        {
            return exception.Message;
        }
    }

    /// <summary>
    /// Whether a direct descriptor is closed when its close has completed. Before 6.13 the kernel lets a file of the table go only after every operation that
    /// was begun before, also of another file: one idle connection would keep all that close after it open. No feature tells of that; this one came a version later.
    /// </summary>
    /// <exception cref="System.Net.Sockets.SocketException">Want of memory or descriptors.</exception>
    public static bool ClosesDirectDescriptors()
    {
        using var ring = new Ring(8);
        return (ring.Features & IoUringAbi.FeatureReadWriteAttributes) != 0;
    }

    private static Operation? MissingOperation(Ring ring)
    {
        byte* probe = stackalloc byte[HeaderSize + (MaxOperations * EntrySize)];
        new Span<byte>(probe, HeaderSize + (MaxOperations * EntrySize)).Clear();
        int errno = ring.Register(IoUringAbi.RegisterProbe, probe, MaxOperations);
        int known = errno == 0 ? probe[1] : 0;
        foreach (Operation operation in Enum.GetValues<Operation>())
        {
            byte* entry = probe + HeaderSize + ((int)operation * EntrySize);
            if ((int)operation >= known || (*(ushort*)(entry + 2) & IoUringAbi.OperationSupported) == 0)
            {
                return operation;
            }
        }

        return null;
    }
}
