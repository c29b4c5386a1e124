using System.Reflection;
using Iocp.Core;
using Xunit;

namespace Framing.Properties.Engines;

public sealed class ConnectionTypeTests
{
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
