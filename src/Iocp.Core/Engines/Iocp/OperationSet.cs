namespace Iocp.Core.Engines.Iocp;

/// <summary>Every operation of a port: how those come to their end that wait for a port which has failed. Any thread; used when a block is made or freed, not for each operation.</summary>
internal sealed class OperationSet
{
    private readonly HashSet<Operation> _operations = [];

    public void Add(Operation operation)
    {
        lock (_operations)
        {
            _operations.Add(operation);
        }
    }

    public void Remove(Operation operation)
    {
        lock (_operations)
        {
            _operations.Remove(operation);
        }
    }

    public Operation[] ToArray()
    {
        lock (_operations)
        {
            return [.. _operations];
        }
    }
}
