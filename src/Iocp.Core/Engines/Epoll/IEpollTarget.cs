namespace Iocp.Core.Engines.Epoll;

/// <summary>The owner of a descriptor on a worker's epoll instance.</summary>
internal interface IEpollTarget
{
    /// <summary>
    /// The kernel reports a change; on the worker. The bits are a hint and no more: an event may be one that was meant for an earlier
    /// owner of the place in the worker's list, so only the call that follows decides.
    /// </summary>
    void OnEvents(uint events);
}
