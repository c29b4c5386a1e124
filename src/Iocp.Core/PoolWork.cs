namespace Iocp.Core;

/// <summary>Work for the thread pool that has no object of its own.</summary>
internal static class PoolWork
{
    /// <exception cref="OutOfMemoryException">It will not run.</exception>
    public static void Queue<TState>(Action<TState> run, TState state) => new Item<TState>(run, state).Queue();

    private sealed class Item<TState>(Action<TState> run, TState state) : IThreadPoolWorkItem
    {
        private PoolTurn _turn;

        public void Queue() => _turn.Queue(this);

        public void Execute()
        {
            if (_turn.TryTake())
            {
                run(state);
            }
        }
    }
}
