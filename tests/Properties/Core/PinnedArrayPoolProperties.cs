using System.Numerics;
using FsCheck;
using FsCheck.Xunit;
using Iocp.Core;
using Xunit;

namespace Framing.Properties.Core;

public sealed class PinnedArrayPoolProperties
{
    private const int MaxPooled = 1 << 20;

    [Theory]
    [InlineData(1, 16)]
    [InlineData(16, 16)]
    [InlineData(17, 32)]
    [InlineData(4096, 4096)]
    [InlineData(4097, 8192)]
    [InlineData(MaxPooled, MaxPooled)]
    [InlineData(MaxPooled + 1, MaxPooled + 1)]
    [InlineData(3_000_000, 3_000_000)]
    public void Lengths_are_powers_of_two_up_to_1_MiB(int asked, int given)
    {
        PinnedArrayPool pool = new();
        byte[] array = pool.Rent(asked);
        Assert.Equal(given, array.Length);
        Assert.Equal(1, pool.RentedCount);
        pool.Return(array);
        Assert.Equal(0, pool.RentedCount);
        Assert.Equal(given <= MaxPooled ? given : 0, pool.RetainedBytes);
    }

    [Fact]
    public void Pooled_arrays_are_pinned() =>
        // A young array that is not pinned is in generation 0; pinned ones live in a heap that counts as the oldest.
        Assert.All([16, 100, 8192, 65_536], length => Assert.Equal(GC.MaxGeneration, GC.GetGeneration(new PinnedArrayPool().Rent(length))));

    [Fact]
    public void Nothing_is_empty_and_not_counted()
    {
        PinnedArrayPool pool = new();
        Assert.Same(Array.Empty<byte>(), pool.Rent(0));
        pool.Return([]);
        Assert.Equal(0, pool.RentedCount);
    }

    [Fact]
    public void Wrong_arguments_are_refused()
    {
        PinnedArrayPool pool = new();
        Assert.Throws<ArgumentOutOfRangeException>(() => new PinnedArrayPool(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Rent(-1));
        Assert.Throws<ArgumentNullException>(() => pool.Return(null!));
        foreach (int length in (int[])[1, 8, 15, 17, 100, MaxPooled - 1])
        {
            Assert.Contains($" {length} ", Assert.Throws<ArgumentException>(() => pool.Return(new byte[length])).Message, StringComparison.Ordinal);
        }

        Assert.Equal(0, pool.RentedCount);
        Assert.Equal(0, pool.RetainedBytes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_array_comes_back_cleared_if_asked(bool clear)
    {
        PinnedArrayPool pool = new();
        byte[] array = pool.Rent(100);
        Array.Fill(array, (byte)7);
        pool.Return(array, clear);
        Assert.Same(array, pool.Rent(128));
        Assert.Equal(clear, Array.TrueForAll(array, value => value == 0));
    }

    [Property(MaxTest = 300)]
    public void Counts_are_exact_and_the_bound_holds(byte bound, Tuple<byte, byte>[] steps)
    {
        long max = (1L << (bound % 24)) + bound; // from nothing to more than the largest array
        PinnedArrayPool pool = new(max);
        List<byte[]> rented = [];
        Dictionary<int, int> idle = []; // length -> arrays
        foreach ((byte kind, byte size) in steps)
        {
            if (kind % 2 == 0 || rented.Count == 0)
            {
                int asked = (1 << (size % 21)) + (size / 21); // 1 B .. 1 MiB and a little above
                byte[] array = pool.Rent(asked);
                Assert.InRange(array.Length, asked, Math.Max(16, (int)BitOperations.RoundUpToPowerOf2((uint)asked)));
                if (idle.GetValueOrDefault(array.Length) > 0)
                {
                    idle[array.Length]--;
                }

                Assert.DoesNotContain(rented, other => ReferenceEquals(other, array));
                rented.Add(array);
            }
            else
            {
                byte[] array = rented[size % rented.Count];
                rented.Remove(array);
                pool.Return(array);
                if (array.Length <= MaxPooled && idle.Sum(pair => (long)pair.Key * pair.Value) + array.Length <= max)
                {
                    idle[array.Length] = idle.GetValueOrDefault(array.Length) + 1;
                }
            }

            Assert.Equal(rented.Count, pool.RentedCount);
            Assert.Equal(idle.Sum(pair => (long)pair.Key * pair.Value), pool.RetainedBytes);
        }
    }

    [Fact]
    public void A_burst_of_small_frames_is_retained_whole()
    {
        const int Frames = 65_536;
        PinnedArrayPool pool = new();
        byte[][] burst = [.. Enumerable.Range(0, Frames).Select(_ => pool.Rent(64))];
        Assert.All(burst, array => pool.Return(array));
        Assert.Equal(Frames * 64, pool.RetainedBytes);
        Assert.True(burst.ToHashSet().SetEquals(Enumerable.Range(0, Frames).Select(_ => pool.Rent(64))));
        Assert.Equal(0, pool.RetainedBytes);
    }

    [Fact]
    public void An_idle_pool_is_small()
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        PinnedArrayPool pool = new();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 50_000);
        GC.KeepAlive(pool);
    }

    [Fact]
    public void Steady_use_allocates_nothing()
    {
        PinnedArrayPool pool = new();
        pool.Return(pool.Rent(1000));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            pool.Return(pool.Rent(1000));
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Threads_never_share_an_array_and_never_pass_the_bound()
    {
        const long Bound = 300;
        PinnedArrayPool pool = new(Bound);
        Action RentAndReturn(byte mark) => () =>
        {
            Span<int> lengths = [16, 32, 64, 128];
            for (int i = 0; i < 100_000; i++)
            {
                byte[] first = pool.Rent(lengths[i % 4]);
                byte[] second = pool.Rent(lengths[i % 3]);
                Array.Fill(first, mark);
                Array.Fill(second, mark);
                Assert.InRange(pool.RetainedBytes, 0, Bound);
                Assert.False(first.AsSpan().ContainsAnyExcept(mark) || second.AsSpan().ContainsAnyExcept(mark), "somebody else wrote to a rented array");
                Assert.NotSame(first, second);
                pool.Return(first);
                pool.Return(second);
            }
        };
        Threads.Run(RentAndReturn(1), RentAndReturn(2), RentAndReturn(3));
        Assert.Equal(0, pool.RentedCount);
        Assert.InRange(pool.RetainedBytes, 0, Bound);
    }
}
