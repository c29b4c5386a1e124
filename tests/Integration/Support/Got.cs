using Iocp.Core;

namespace Framing.Integration;

/// <summary>A frame as a test keeps it.</summary>
internal sealed record Got(Connection Connection, long Index, long StreamOffset, byte[] Bytes)
{
    public static Got Of(Connection connection, Frame frame) => new(connection, frame.Index, frame.StreamOffset, frame.Bytes.ToArray());

    /// <summary>Copies a received frame and disposes it.</summary>
    public static Got Take(ReceivedFrame frame)
    {
        using (frame)
        {
            return new Got(frame.Connection, frame.Index, frame.StreamOffset, frame.Bytes.ToArray());
        }
    }

    /// <summary>What was got is what was sent: bytes, order, index, offset, and all of one connection.</summary>
    public static void AssertIs(IEnumerable<byte[]> sent, IEnumerable<Got> got)
    {
        Got[] all = [.. got];
        long offset = 0;
        int index = 0;
        foreach (byte[] frame in sent)
        {
            Assert.True(index < all.Length, $"Frame {index} is missing.");
            Assert.Equal(frame, all[index].Bytes);
            Assert.Equal(index, all[index].Index);
            Assert.Equal(offset, all[index].StreamOffset);
            Assert.Same(all[0].Connection, all[index].Connection);
            offset += frame.Length;
            index++;
        }

        Assert.Equal(index, all.Length);
    }
}
