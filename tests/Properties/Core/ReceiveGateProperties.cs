using FsCheck;
using FsCheck.Xunit;
using Iocp.Core;
using Xunit;

namespace Framing.Properties.Core;

public sealed class ReceiveGateProperties
{
    private static readonly PauseReasons[] s_reasons = [PauseReasons.Application, PauseReasons.ReceiveQueue, PauseReasons.SendQueue];

    private static readonly PauseReasons[] s_allReasons = [.. Enum.GetValues<PauseReasons>().Where(reason => reason != PauseReasons.None)];

    /// <summary>One thread against the obvious model: a set of reasons and two booleans.</summary>
    [Property(MaxTest = 500)]
    public void One_thread_sees_a_set_of_reasons(byte[] steps)
    {
        ReceiveGate gate = default;
        HashSet<PauseReasons> reasons = [];
        bool released = false;
        bool stopped = false;
        foreach (byte step in steps)
        {
            PauseReasons reason = s_allReasons[step / 16 % s_allReasons.Length];
            bool wasStopped = stopped;
            switch (step % 16)
            {
                case < 6:
                    gate.Close(reason);
                    reasons.Add(reason);
                    break;
                case < 11:
                    reasons.Remove(reason);
                    stopped = wasStopped && reasons.Count > 0;
                    Assert.Equal(wasStopped && !stopped, gate.Open(reason));
                    break;
                case < 15 when !stopped: // a stopped reader does not ask
                    stopped = reasons.Count > 0 && !released;
                    Assert.Equal(stopped, gate.TryStop());
                    break;
                case 15:
                    released = true;
                    stopped = false;
                    Assert.Equal(wasStopped, gate.Release());
                    break;
                default:
                    break;
            }

            Assert.Equal(reasons.Count == 0 || released, gate.IsOpen);
            Assert.Equal(stopped, gate.IsStopped);
        }
    }

    /// <summary>Every interleaving of a reader and up to three other threads, whose scripts are arbitrary.</summary>
    [Property(MaxTest = 200)]
    public void No_interleaving_leaves_the_reader_stopped_behind_an_open_gate(byte[] first, byte[] second, byte[] third) =>
        new GateInterleavings([.. new[] { first, second, third }.Select(script => script.Take(4).Select(GateOperation.From).ToArray())]).Explore();

    [Fact]
    public void Every_pause_and_resume_of_all_three_reasons_in_every_order()
    {
        GateOperation[][] scripts = [.. s_reasons.Select(reason => (GateOperation[])
        [
            new(GateOperationKind.Close, reason), new(GateOperationKind.Open, reason),
            new(GateOperationKind.Close, reason), new(GateOperationKind.Open, reason),
        ])];
        GateInterleavings interleavings = new(scripts);
        interleavings.Explore();
        // Not a vacuous success: the reader can stop in each of the 5³ places of the three scripts but those where all three are open.
        Assert.Equal(98, interleavings.Stops);
        Assert.InRange(interleavings.Restarts, 54, int.MaxValue);
    }

    /// <summary>The same with real threads: a stop that nobody answers hangs, a second restart is counted.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Threads_restart_the_reader_exactly_once_for_each_stop(bool release)
    {
        const int Rounds = 30_000;
        ReceiveGate gate = default;
        using SemaphoreSlim restart = new(0);
        int pausing = s_reasons.Length;
        long stops = 0;
        long restarts = 0;

        void Restart()
        {
            Interlocked.Increment(ref restarts);
            restart.Release();
        }

        void PauseAndResume(PauseReasons reason)
        {
            for (int i = 0; i < Rounds; i++)
            {
                gate.Close(reason);
                if (i % 32 == 0)
                {
                    Thread.Yield(); // long enough for the reader to stop now and then
                }

                if (gate.Open(reason))
                {
                    Restart();
                }
            }

            if (release && reason == PauseReasons.Application)
            {
                gate.Close(reason);
                if (gate.Release())
                {
                    Restart();
                }
            }

            Interlocked.Decrement(ref pausing);
        }

        void Read()
        {
            while (Volatile.Read(ref pausing) > 0 || !gate.IsOpen)
            {
                if (!gate.IsOpen && gate.TryStop())
                {
                    stops++;
                    Assert.True(restart.Wait(TimeSpan.FromMinutes(5)), "the reader stopped and nobody restarted it");
                }
            }
        }

        Threads.Run([Read, .. s_reasons.Select(reason => (Action)(() => PauseAndResume(reason)))]);
        Assert.True(gate.IsOpen);
        Assert.False(gate.IsStopped);
        Assert.Equal(stops, restarts);
        Assert.Equal(0, restart.CurrentCount);
    }
}
