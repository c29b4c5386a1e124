using System.Diagnostics;
using System.Net.Sockets;

namespace Framing.Integration;

/// <summary>Waits for conditions, never for a time. The limit only turns a hang into a failure; it is far above what any machine needs.</summary>
internal static class Eventually
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static async Task TrueAsync(Func<bool> condition, string what)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(start) > Limit)
            {
                throw new TimeoutException($"Not within {Limit}: {what}");
            }

            await Task.Delay(2);
        }
    }

    public static async Task EqualAsync<T>(T expected, Func<T> actual, string what)
    {
        await TrueAsync(() => EqualityComparer<T>.Default.Equals(expected, actual()), $"{what} became {expected}");
    }

    /// <summary>What the attempt that succeeds returns; those before threw <typeparamref name="TException"/>.</summary>
    public static async Task<T> SucceedsAsync<T, TException>(Func<Task<T>> attempt)
        where TException : Exception
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return await attempt();
            }
            catch (TException) when (Stopwatch.GetElapsedTime(start) < Limit)
            {
                await Task.Delay(2);
            }
        }
    }

    /// <summary>Attempts that throw <typeparamref name="TException"/> are repeated.</summary>
    public static Task SucceedsAsync<TException>(Func<Task> attempt)
        where TException : Exception
        => SucceedsAsync<bool, TException>(async () =>
        {
            await attempt();
            return true;
        });

    /// <summary>
    /// Connects until nobody answers. A port that has been given back may answer a moment longer: while any test starts a process, that holds copies of all
    /// descriptors until it executes.
    /// </summary>
    public static async Task<SocketException> RefusedAsync(Func<Task<PlainClient>> connect)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                (await connect()).Dispose();
            }
            catch (SocketException refused)
            {
                return refused;
            }

            Assert.True(Stopwatch.GetElapsedTime(start) < Limit, $"Still answered after {Limit}.");
            await Task.Delay(2);
        }
    }

    public static Task<T> Bounded<T>(this Task<T> task) => task.WaitAsync(Limit);

    public static Task Bounded(this Task task) => task.WaitAsync(Limit);
}
