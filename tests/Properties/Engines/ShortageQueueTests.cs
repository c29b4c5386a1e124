using System.Net.Sockets;
using Iocp.Core.Engines;
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
        Assert.Equal(3, await last.Task.WaitAsync(TimeSpan.FromSeconds(60)));
        queue.Close();
    }
}
