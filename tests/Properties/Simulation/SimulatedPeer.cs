namespace Framing.Properties.Simulation;

/// <summary>The other end of a simulated connection, and what lies in the kernel between the two.</summary>
internal sealed class SimulatedPeer(byte[] stream)
{
    private int _sent;

    /// <summary>On its way to the server.</summary>
    public Queue<byte> Inbound { get; } = new();

    /// <summary>Came from the server.</summary>
    public List<byte> Received { get; } = [];

    public bool Reads { get; set; } = true;

    public bool HasEnded { get; private set; }

    public bool HasReset { get; private set; }

    public bool HasSomethingToRead => Inbound.Count > 0 || HasEnded || HasReset;

    public void Send(int bytes)
    {
        for (; bytes > 0 && _sent < stream.Length && !HasEnded && !HasReset; bytes--)
        {
            Inbound.Enqueue(stream[_sent++]);
        }
    }

    public void End() => HasEnded |= !HasReset;

    public void Reset() => HasReset = true;
}
