using System.Numerics;
using FsCheck;
using FsCheck.Xunit;
using Iocp.Core;
using Xunit;

namespace Framing.Properties.Core;

public sealed class PinnedArrayPoolProperties
{
    private const int MaxPooled = 1 << 20;
    private const int SmallBound = 4 << 20;
    private const int Settled = 200;        // bursts, after which each length has the room that it will have

    [Theory]
    [InlineData(1, 16)]
    [InlineData(16, 16)]
    [InlineData(17, 32)]
    [InlineData(4096, 4096)]
    [InlineData(4097, 8192)]
    [InlineData(MaxPooled, MaxPooled)]
    [InlineData(MaxPooled + 1, 2 * MaxPooled)]
    [InlineData(3_000_000, 4 * MaxPooled)]
    public void Lengths_are_powers_of_two(int asked, int given)
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

        Assert.Throws<ArgumentException>(() => pool.Return(new byte[MaxPooled + 1]));
        Assert.Equal(0, pool.RentedCount);
        Assert.Equal(0, pool.RetainedBytes);
    }

    [Theory]
    [InlineData(128, true)]
    [InlineData(128, false)]
    [InlineData(2 * MaxPooled, true)]
    [InlineData(2 * MaxPooled, false)]
    public void An_array_comes_back_cleared_if_asked(int length, bool clear)
    {
        PinnedArrayPool pool = new();
        byte[] array = pool.Rent(length - 1);
        Array.Fill(array, (byte)7);
        pool.Return(array, clear);
        Assert.Equal(clear, Array.TrueForAll(array, value => value == 0));
        if (length <= MaxPooled)      // the shared pool may let go of longer ones at any collection
        {
            Assert.Same(array, pool.Rent(length));
        }
    }

    [Property(MaxTest = 300)]
    public void Counts_are_exact_and_the_bound_holds(byte bound, Tuple<byte, byte>[] steps)
    {
        long max = (1L << (bound % 24)) + bound; // from nothing to more than the largest array
        PinnedArrayPool pool = new(max);
        List<byte[]> rented = [];
        IdleArrays idle = new(max);
        foreach ((byte kind, byte size) in steps)
        {
            if (kind % 2 == 0 || rented.Count == 0)
            {
                int asked = (1 << (size % 21)) + (size / 21); // 1 B .. 1 MiB and a little above
                byte[] array = pool.Rent(asked);
                Assert.InRange(array.Length, asked, Math.Max(16, (int)BitOperations.RoundUpToPowerOf2((uint)asked)));
                idle.Take(array.Length);
                Assert.DoesNotContain(rented, other => ReferenceEquals(other, array));
                rented.Add(array);
            }
            else
            {
                byte[] array = rented[size % rented.Count];
                rented.Remove(array);
                pool.Return(array);
                idle.Add(array.Length);
            }

            Assert.Equal(rented.Count, pool.RentedCount);
            Assert.Equal(idle.Bytes, pool.RetainedBytes);
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

    [Theory]
    [InlineData(8192, 16_384)]
    [InlineData(8192, 4096)]
    [InlineData(1024, MaxPooled)]
    [InlineData(64, MaxPooled)]
    [InlineData(MaxPooled, 16)]
    public void A_length_that_is_no_longer_rented_makes_room(int past, int present)
    {
        PinnedArrayPool pool = new(SmallBound);
        Burst(pool, past, new byte[SmallBound * 3 / 2 / past][]);
        Assert.Equal(SmallBound, pool.RetainedBytes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            pool.Return(pool.Rent(present));
        }

        // 16 at most: of the shortest, 1 MiB are 16 times what gives way at once.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, present, 16 * (present + 24));
        Assert.InRange(pool.RetainedBytes, SmallBound - MaxPooled, SmallBound);
    }

    [Fact]
    public void A_length_that_is_no_longer_rented_leaves_the_whole_bound()
    {
        PinnedArrayPool pool = new(SmallBound);
        Burst(pool, 8192, new byte[SmallBound / 8192][]);
        byte[][] arrays = new byte[SmallBound / 16_384][];
        for (int i = 0; i < Settled; i++)
        {
            Burst(pool, 16_384, arrays);
        }

        Assert.Equal(0, Allocation.Least(() => Burst(pool, 16_384, arrays)));
    }

    [Fact]
    public void Lengths_that_fit_together_are_retained_together_whatever_filled_the_pool_before()
    {
        PinnedArrayPool pool = new(SmallBound);
        Burst(pool, 4096, new byte[SmallBound / 4096][]);
        byte[][] shorter = new byte[SmallBound * 3 / 8 / 8192][];
        byte[][] longer = new byte[SmallBound * 3 / 8 / 16_384][];
        for (int i = 0; i < Settled; i++)
        {
            Burst(pool, 8192, shorter);
            Burst(pool, 16_384, longer);
        }

        Assert.Equal(0, Allocation.Least(() =>
        {
            Burst(pool, 8192, shorter);
            Burst(pool, 16_384, longer);
        }));
    }

    [Fact]
    public void Lengths_that_do_not_fit_together_share_the_bound()
    {
        PinnedArrayPool pool = new(SmallBound);
        byte[][] shorter = new byte[SmallBound * 3 / 2 / 8192][];
        byte[][] longer = new byte[SmallBound * 3 / 2 / 16_384][];
        Assert.InRange(
            Allocation.Least(() =>
            {
                Burst(pool, 8192, shorter);
                Burst(pool, 16_384, longer);
            }),
            SmallBound * 2,                     // of three times the bound that are rented, one is retained
            SmallBound * 9 / 4);
    }

    [Fact]
    public void An_idle_pool_is_small()
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        PinnedArrayPool pool = new();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 50_000);
        GC.KeepAlive(pool);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(1_500_000)]
    [InlineData(20_000_000)]
    public void Steady_use_allocates_nothing(int length)
    {
        PinnedArrayPool pool = new();
        Assert.Equal(0, Allocation.Least(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                pool.Return(pool.Rent(length));
            }
        }));
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

    [Fact]
    public void Threads_that_rent_any_lengths_pass_no_bound_and_lose_no_room()
    {
        PinnedArrayPool pool = new(SmallBound);
        Action RentAndReturn(int seed) => () =>
        {
            Random random = new(seed);
            byte[][] rented = [.. Enumerable.Repeat(Array.Empty<byte>(), 100)];
            for (int i = 0; i < 50_000; i++)
            {
                ref byte[] array = ref rented[random.Next(rented.Length)];
                pool.Return(array);
                array = pool.Rent(1 << random.Next(i / 5000 * 2, 21));      // ever longer ones
                Assert.InRange(pool.RetainedBytes, 0, SmallBound);
            }

            Assert.All(rented, array => pool.Return(array));
        };
        Threads.Run(RentAndReturn(1), RentAndReturn(2), RentAndReturn(3));
        Assert.Equal(0, pool.RentedCount);
        for (int length = 16; length <= MaxPooled; length *= 2)
        {
            long before;
            do
            {
                before = pool.RetainedBytes;
                pool.Rent(length);
            }
            while (pool.RetainedBytes < before);
        }

        Assert.Equal(0, pool.RetainedBytes);
    }

    // All at once, and all back.
    private static void Burst(PinnedArrayPool pool, int length, byte[][] arrays)
    {
        for (int i = 0; i < arrays.Length; i++)
        {
            arrays[i] = pool.Rent(length);
        }

        foreach (byte[] array in arrays)
        {
            pool.Return(array);
        }
    }

    /// <summary>What a pool of this bound retains, told slowly.</summary>
    private sealed class IdleArrays(long max)
    {
        private readonly long[] _arrays = new long[17];     // by length: 16 bytes to 1 MiB
        private int _turn;

        public long Bytes => Enumerable.Range(0, _arrays.Length).Sum(BytesOf);

        public void Take(int length)
        {
            if (length <= MaxPooled && _arrays[IndexOf(length)] > 0)
            {
                _arrays[IndexOf(length)]--;
            }
        }

        public void Add(int length)
        {
            if (length > Math.Min(max, MaxPooled))
            {
                return;
            }

            int own = IndexOf(length);
            if (Bytes + length > max)
            {
                int other = ++_turn % _arrays.Length;
                if (_arrays[other] == 0)
                {
                    int fullest = Enumerable.Range(0, _arrays.Length).MaxBy(BytesOf);
                    other = BytesOf(fullest) > BytesOf(own) ? fullest : own;
                }

                while (Bytes + length > max && other != own && _arrays[other] > 0)
                {
                    _arrays[other]--;
                }
            }

            if (Bytes + length <= max)
            {
                _arrays[own]++;
            }
        }

        private static int IndexOf(int length) => BitOperations.Log2((uint)length) - 4;

        private long BytesOf(int index) => _arrays[index] << (index + 4);
    }
}
