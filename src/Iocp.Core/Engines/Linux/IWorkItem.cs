namespace Iocp.Core.Engines.Linux;

/// <summary>Something that waits for a <see cref="Worker"/> to see to it; waits once at a time.</summary>
internal interface IWorkItem
{
    /// <summary>The worker's own link, in a field of the item; nobody else touches it.</summary>
    IWorkItem? Next { get; set; }

    /// <summary>Called on the worker, never nested in a callback.</summary>
    void Run();
}
