namespace Iocp.Core.Engines.Linux;

/// <summary>Something that waits for a <see cref="Worker"/> to see to it; waits once at a time.</summary>
internal interface IWorkItem
{
    /// <summary>Called on the worker, never nested in a callback.</summary>
    void Run();
}
