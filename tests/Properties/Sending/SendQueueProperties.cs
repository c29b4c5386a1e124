using FsCheck.Xunit;

namespace Framing.Properties.Sending;

[Properties(Arbitrary = [typeof(SendScript)])]
public sealed class SendQueueProperties
{
    [Property(MaxTest = 300)]
    public void Bytes_leave_in_the_order_of_the_calls_within_the_bound_and_waiters_first_in_first_out(SendScript script)
    {
        SendQueueModel model = Run(script);
        model.Drain();
        model.Release();
    }

    [Property(MaxTest = 100)]
    public void A_connection_that_closes_in_the_middle_gives_every_buffer_back(SendScript script) => Run(script).Release();

    private static SendQueueModel Run(SendScript script)
    {
        SendQueueModel model = new(script.Bound);
        foreach (SendStep step in script.Steps)
        {
            model.Take(step);
        }

        return model;
    }
}
