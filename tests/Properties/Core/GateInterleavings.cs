using Iocp.Core;
using Xunit;

namespace Framing.Properties.Core;

internal enum GateOperationKind { Close, Open, Release }

internal readonly record struct GateOperation(GateOperationKind Kind, PauseReasons Reason)
{
    public static GateOperation From(byte value) => new(
        value % 8 == 7 ? GateOperationKind.Release : value % 8 < 4 ? GateOperationKind.Close : GateOperationKind.Open,
        (PauseReasons)(1 << (value / 8 % 3)));
}

/// <summary>
/// Runs every interleaving of a reader and some threads over a <see cref="ReceiveGate"/>. A step is one call on the gate (each is one
/// atomic change) or the restart that follows it, so the explorer sees what a connection sees: a stop, a decision, a restart.
/// </summary>
internal sealed class GateInterleavings(GateOperation[][] scripts)
{
    private enum Reader { Reading, Stopping, Stopped }

    private readonly HashSet<(ReceiveGate Gate, Reader Reader, int Positions, int Owing)> _seen = [];

    /// <summary>Transitions in which the reader stopped, and was started again.</summary>
    public int Stops { get; private set; }

    public int Restarts { get; private set; }

    public void Explore() => From(default, Reader.Reading, new int[scripts.Length], new bool[scripts.Length]);

    private void From(ReceiveGate gate, Reader reader, int[] positions, bool[] owesRestart)
    {
        int key = positions.Aggregate(0, (sum, position) => (sum * 16) + position);
        int owing = owesRestart.Count(owes => owes);
        if (!_seen.Add((gate, reader, key, (owing * 8) + Array.IndexOf(owesRestart, true) + 1)))
        {
            return;
        }

        // Somebody has promised a restart, or the gate is shut for a reason, or the reader runs; and never two promises at once.
        Assert.InRange(owing, 0, 1);
        Assert.True(reader != Reader.Stopped || owing == 1 || (gate.IsStopped && !gate.IsOpen), "the reader is stopped and nobody will start it");
        Assert.True(owing == 0 || reader == Reader.Stopped, "a restart is promised for a reader that runs");
        Assert.True(!gate.IsStopped || (reader == Reader.Stopped && owing == 0), "the gate says stopped and the reader is not, or is about to be started");

        StepReader(gate, reader, positions, owesRestart);
        for (int thread = 0; thread < scripts.Length; thread++)
        {
            StepThread(thread, gate, reader, positions, owesRestart);
        }
    }

    private void StepReader(ReceiveGate gate, Reader reader, int[] positions, bool[] owesRestart)
    {
        if (reader == Reader.Reading && !gate.IsOpen)
        {
            From(gate, Reader.Stopping, positions, owesRestart);
        }
        else if (reader == Reader.Stopping)
        {
            bool stopped = gate.TryStop();
            Stops += stopped ? 1 : 0;
            From(gate, stopped ? Reader.Stopped : Reader.Reading, positions, owesRestart);
        }
    }

    private void StepThread(int thread, ReceiveGate gate, Reader reader, int[] positions, bool[] owesRestart)
    {
        if (owesRestart[thread])
        {
            Restarts++;
            From(gate, Reader.Reading, positions, With(owesRestart, thread, false));
        }
        else if (positions[thread] < scripts[thread].Length)
        {
            GateOperation operation = scripts[thread][positions[thread]];
            bool mustRestart = false;
            switch (operation.Kind)
            {
                case GateOperationKind.Close:
                    gate.Close(operation.Reason);
                    break;
                case GateOperationKind.Open:
                    mustRestart = gate.Open(operation.Reason);
                    break;
                default:
                    mustRestart = gate.Release();
                    break;
            }

            From(gate, reader, With(positions, thread, positions[thread] + 1), With(owesRestart, thread, mustRestart));
        }
    }

    private static TValue[] With<TValue>(TValue[] array, int index, TValue value)
    {
        TValue[] copy = [.. array];
        copy[index] = value;
        return copy;
    }
}
