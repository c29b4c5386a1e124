using FsCheck.Xunit;

namespace Framing.Properties.Delivery;

[Properties(Arbitrary = [typeof(ReceiveScript)])]
public sealed class ReceiveQueueProperties
{
    /// <summary>After each step the queue holds, announces and hands out exactly what a plain list with a line before it would.</summary>
    [Property(MaxTest = 500)]
    public void Frames_come_out_in_the_order_they_came_in_within_the_bounds_and_consumers_wait_in_turn(ReceiveScript script)
    {
        using ReceiveQueueModel model = new(script.MaxFrames, script.MaxBytes);
        foreach (ReceiveStep step in script.Steps)
        {
            model.Take(step);
        }

        if (script.Disposed)
        {
            model.DropAll();
        }
        else
        {
            model.Complete();
        }

        model.AssertAllGivenBack();
    }
}
