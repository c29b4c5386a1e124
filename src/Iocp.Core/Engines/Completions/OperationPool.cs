namespace Iocp.Core.Engines.Completions;

/// <summary>Keeps operations for the next connection that needs one, up to a number; those beyond it are disposed of.</summary>
internal sealed class OperationPool<TOperation>(int capacity, Func<TOperation> create) : IDisposable
    where TOperation : class, IDisposable
{
    private readonly BoundedQueue<TOperation> _operations = new(capacity);

    /// <exception cref="OutOfMemoryException">There is none for a new one.</exception>
    public TOperation Rent() => _operations.TryDequeue(out TOperation? pooled) ? pooled : create();

    public void Return(TOperation operation)
    {
        if (!_operations.TryEnqueue(operation))
        {
            operation.Dispose();
        }
    }

    /// <summary>Disposes of those that wait; nothing is rented any more.</summary>
    public void Dispose()
    {
        while (_operations.TryDequeue(out TOperation? operation))
        {
            operation.Dispose();
        }
    }
}
