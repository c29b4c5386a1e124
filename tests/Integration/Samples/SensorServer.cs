using System.Buffers.Binary;
using System.Net;
using Framing.Binary;
using Iocp.Core;

namespace Samples;

/// <summary>Takes readings of 8 bytes, each a double, and keeps the highest.</summary>
public sealed class SensorServer : IFrameHandler
{
    private double _highest = double.NegativeInfinity;

    public double Highest => Volatile.Read(ref _highest);

    public FrameServer Create(IPEndPoint endPoint) => new(new FrameServerOptions
    {
        Listeners = { new ListenerOptions { EndPoint = endPoint, Framing = new FixedSizeFraming(sizeof(double)) } },
        Handler = this,
    });

    public void OnFrame(Connection connection, Frame frame)
    {
        double reading = BinaryPrimitives.ReadDoubleLittleEndian(frame.Bytes);
        for (double highest = Highest; reading > highest; highest = Highest)    // other connections call on other threads
        {
            Interlocked.CompareExchange(ref _highest, reading, highest);
        }
    }
}
