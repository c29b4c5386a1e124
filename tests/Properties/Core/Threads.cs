using Xunit;

namespace Framing.Properties.Core;

/// <summary>Runs bodies on threads of their own, from one common start, and joins them; an exception in any fails the test.</summary>
internal static class Threads
{
    private static readonly TimeSpan s_hung = TimeSpan.FromMinutes(5);

    public static void Run(params Action[] bodies)
    {
        using Barrier start = new(bodies.Length);
        Exception?[] errors = new Exception?[bodies.Length];
        Thread[] threads = new Thread[bodies.Length];
        for (int i = 0; i < bodies.Length; i++)
        {
            int index = i;
            threads[i] = new Thread(() =>
            {
                try
                {
                    start.SignalAndWait();
                    bodies[index]();
                }
                catch (Exception error)
                {
                    errors[index] = error;
                }
            })
            { IsBackground = true };
        }

        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        foreach (Thread thread in threads)
        {
            Assert.True(thread.Join(s_hung), "a thread did not come to an end");
        }

        Assert.All(errors, Assert.Null);
    }
}
