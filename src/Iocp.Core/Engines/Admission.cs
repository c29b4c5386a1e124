namespace Iocp.Core.Engines;

/// <summary>What became of a connection that was accepted.</summary>
internal enum Admission
{
    /// <summary>It waits: as many as may be are open.</summary>
    NoRoom,

    /// <summary>It is to be started.</summary>
    Admitted,

    /// <summary>There was no memory for it.</summary>
    GivenUp,
}
