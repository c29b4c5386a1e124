using System.Net.Sockets;
using Framing.Integration;
using Iocp.Core.Engines;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Framing.Properties.Engines;

public sealed class ShortageQueueTests
{
    [Fact]
    public async Task An_item_for_whose_turn_there_is_no_memory_is_not_lost_and_neither_are_those_behind_it()
    {
        int attempts = 0;
        TaskCompletionSource<int> last = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ShortageQueue<int> queue = new(NullLogger.Instance, item =>
        {
            if (item == 1 && ++attempts < 3)
            {
                throw new InsufficientMemoryException();
            }

            if (item == 2)
            {
                last.SetResult(attempts);
            }
        });
        queue.Add(1, SocketError.NoBufferSpaceAvailable);
        queue.Add(2, SocketError.NoBufferSpaceAvailable);
        Assert.Equal(3, await last.Task.Bounded());
        queue.Close();
    }

    [Fact]
    public void The_pause_that_an_item_begins_is_said_with_its_error_and_its_time()
    {
        using Journal journal = new();
        ShortageQueue<int> queue = new(journal, _ => { });
        queue.Add(1, SocketError.TooManyOpenSockets);
        Assert.Equal(
            1,
            journal.Count($"Receiving or sending is short of memory or buffers (TooManyOpenSockets); trying again in {BackOff.First.TotalMilliseconds} ms", LogLevel.Warning));
        queue.Close();
        queue.Add(2, SocketError.TooManyOpenSockets);
        Assert.Equal(1, journal.Total);
    }
}
