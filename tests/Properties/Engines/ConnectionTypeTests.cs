using System.Reflection;
using System.Runtime.CompilerServices;
using Iocp.Core;
using Iocp.Core.Engines.Epoll;
using Iocp.Core.Engines.IoUring;
using Xunit;

namespace Framing.Properties.Engines;

public sealed class ConnectionTypeTests
{
    /// <summary>Of the 256 bytes that an idle connection may cost. Its tables take 24; whatever else is in it has room in its padding, or must be rented.</summary>
    [Theory]
    [InlineData(typeof(UringConnection))]
    [InlineData(typeof(EpollConnection))]
    public void A_connection_is_an_object_of_at_most_224_bytes(Type type)
    {
        RuntimeHelpers.GetUninitializedObject(type);
        long before = GC.GetAllocatedBytesForCurrentThread();
        object connection = RuntimeHelpers.GetUninitializedObject(type);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 224);
        GC.KeepAlive(connection);
    }

    /// <summary>What shows an object by its public properties (a logger, an assertion) shows a connection's, and not its engine's or its socket's.</summary>
    [Fact]
    public void A_connection_of_an_engine_shows_nothing_that_a_connection_does_not_have()
    {
        Type[] types = [.. typeof(Connection).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Connection)))];
        Assert.Contains(types, type => type.Name == "SocketsConnection");
        string[] known = [.. typeof(Connection).GetProperties().Select(property => property.Name)];
        Assert.All(types, type => Assert.Equal(known.Order(), type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(property => property.Name).Distinct().Order()));
    }
}
