namespace Framing.Integration;

/// <summary>Something that happens once. Who waits goes on elsewhere, never inside the callback that says so.</summary>
internal sealed class Signal
{
    private readonly TaskCompletionSource _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsSet => _source.Task.IsCompleted;

    public void Set() => _source.TrySetResult();

    public Task WaitAsync() => _source.Task.Bounded();
}
