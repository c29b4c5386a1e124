using System.Buffers;
using Xunit;

namespace Framing.Properties.Decoding;

/// <summary>A pool that knows what is out, refuses what it did not lend, and spoils what comes back.</summary>
internal sealed class TrackingPool : ArrayPool<byte>
{
    private readonly HashSet<byte[]> _out = [];

    public int Outstanding => _out.Count;

    public long BytesOutstanding => _out.Sum(array => (long)array.Length);

    public int Rented { get; private set; }

    public int LargestRent { get; private set; }

    /// <summary>Rents until memory ends; null: it does not.</summary>
    public int? RentsLeft { get; set; }

    public override byte[] Rent(int minimumLength)
    {
        if (RentsLeft-- == 0)
        {
            throw new InsufficientMemoryException();
        }

        byte[] array = new byte[minimumLength];
        array.AsSpan().Fill(0xEE);
        _out.Add(array);
        Rented++;
        LargestRent = Math.Max(LargestRent, minimumLength);
        return array;
    }

    public override void Return(byte[] array, bool clearArray = false)
    {
        Assert.True(_out.Remove(array), "a buffer came back that is not out");
        array.AsSpan().Fill(0xDD);
    }
}
