using System.Globalization;
using System.Net;
using System.Reflection;
using Framing.Binary;
using Iocp.Core;

namespace Framing.Integration;

/// <summary>The same for every engine: options are judged before one is made.</summary>
public sealed class OptionsTests
{
    private const long DaysOf24 = 24L * 24 * 60 * 60 * 1000;
    private const string Infinite = "1 ms to 24 days, or Timeout.InfiniteTimeSpan";
    private const string Finite = "1 ms to 24 days";
    private const string WholeSeconds = "whole seconds from 1 s to 32767 s";

    /// <summary>Option, a value just outside (times in milliseconds), the allowed range as the message gives it.</summary>
    public static TheoryData<string, long, string> OutOfRange => new()
    {
        { "Workers", 0, "1 to 1024" },
        { "Workers", 1025, "1 to 1024" },
        { "MaxConnections", 0, "1 to 16777215" },
        { "MaxConnections", 16_777_216, "1 to 16777215" },
        { "ReceiveQueueFrames", 0, "1 to 16777216" },
        { "ReceiveQueueFrames", 16_777_217, "1 to 16777216" },
        { "ReceiveQueueBytes", 0, "1 to 1099511627776" },
        { "ReceiveQueueBytes", 1_099_511_627_777, "1 to 1099511627776" },
        { "ReceiveQueueBytesPerConnection", 0, "1 to 1073741824" },
        { "ReceiveQueueBytesPerConnection", 1_073_741_825, "1 to 1073741824" },
        { "SendQueueBytesPerConnection", -1, "1 to 1073741824" },
        { "SendQueueBytesPerConnection", 1_073_741_825, "1 to 1073741824" },
        { "SendBufferSize", 0, "1 to 1073741824" },
        { "SendBufferSize", 1_073_741_825, "1 to 1073741824" },
        { "ReceiveBufferSize", 0, "1 to 1073741824" },
        { "ReceiveBufferSize", 1_073_741_825, "1 to 1073741824" },
        { "KeepAliveRetryCount", 0, "1 to 127" },
        { "KeepAliveRetryCount", 128, "1 to 127" },
        { "KeepAliveTime", 999, WholeSeconds },
        { "KeepAliveTime", 32_768_000, WholeSeconds },
        { "KeepAliveInterval", 1_500, WholeSeconds },
        { "KeepAliveInterval", 32_768_000, WholeSeconds },
        { "SpinTime", -1, "0 to 10 ms" },
        { "SpinTime", 11, "0 to 10 ms" },
        { "FirstFrameTimeout", 0, Infinite },
        { "FirstFrameTimeout", DaysOf24 + 1, Infinite },
        { "FrameTimeout", 0, Infinite },
        { "FrameTimeout", DaysOf24 + 1, Infinite },
        { "IdleTimeout", -2, Infinite },
        { "IdleTimeout", DaysOf24 + 1, Infinite },
        { "SendTimeout", 0, Infinite },
        { "SendTimeout", DaysOf24 + 1, Infinite },
        { "LingerTimeout", Timeout.Infinite, Finite },
        { "LingerTimeout", DaysOf24 + 1, Finite },
        { "DrainTimeout", Timeout.Infinite, Finite },
        { "DrainTimeout", DaysOf24 + 1, Finite },
    };

    /// <summary>The limits themselves are allowed.</summary>
    public static TheoryData<string, long> InRange => new()
    {
        { "Workers", 1 },
        { "Workers", 1024 },
        { "MaxConnections", 1 },
        { "MaxConnections", 16_777_215 },
        { "ReceiveQueueFrames", 1 },
        { "ReceiveQueueBytes", 1 },
        { "ReceiveQueueBytes", 1_099_511_627_776 },
        { "ReceiveQueueBytesPerConnection", 1_073_741_824 },
        { "SendQueueBytesPerConnection", 1 },
        { "SendBufferSize", 1 },
        { "ReceiveBufferSize", 1_073_741_824 },
        { "KeepAliveRetryCount", 127 },
        { "KeepAliveTime", 1000 },
        { "KeepAliveInterval", 32_767_000 },
        { "FirstFrameTimeout", Timeout.Infinite },
        { "FirstFrameTimeout", 1 },
        { "FrameTimeout", Timeout.Infinite },
        { "FrameTimeout", DaysOf24 },
        { "IdleTimeout", DaysOf24 },
        { "SendTimeout", Timeout.Infinite },
        { "LingerTimeout", 1 },
        { "DrainTimeout", DaysOf24 },
    };

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void A_value_out_of_range_is_refused_with_option_value_and_range(string option, long value, string range)
    {
        foreach (FrameHostOptions options in new FrameHostOptions[] { Server(), Client() })
        {
            object set = Set(options, option, value);
            var refused = Assert.ThrowsAny<ArgumentOutOfRangeException>(() => Make(options));
            Assert.Contains($"{option} is {Convert.ToString(set, CultureInfo.InvariantCulture)}; allowed is {range}.", refused.Message, StringComparison.Ordinal);
            Assert.Equal(set, refused.ActualValue is IConvertible number ? Convert.ChangeType(number, set.GetType(), CultureInfo.InvariantCulture) : refused.ActualValue);
        }
    }

    [Theory]
    [MemberData(nameof(InRange))]
    public async Task The_limits_of_a_range_are_allowed(string option, long value)
    {
        foreach (FrameHostOptions options in new FrameHostOptions[] { Server(), Client() })
        {
            Set(options, option, value);
            await Make(options).DisposeAsync();
        }
    }

    [Fact]
    public void No_number_and_no_time_is_without_a_range()
    {
        foreach (Type type in new[] { typeof(FrameServerOptions), typeof(FrameClientOptions) })
        {
            foreach (PropertyInfo property in type.GetProperties().Where(property => Bare(property) is var bare && (bare == typeof(int) || bare == typeof(long) || bare == typeof(TimeSpan))))
            {
                FrameHostOptions options = type == typeof(FrameServerOptions) ? Server() : Client();
                Set(options, property.Name, long.MinValue / TimeSpan.TicksPerMillisecond);
                Assert.Contains(property.Name, Assert.ThrowsAny<ArgumentException>(() => Make(options)).Message, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData(0, 50, "Listeners[1].Backlog is 0; allowed is 1 to 65535.")]
    [InlineData(65_536, 50, "Listeners[1].Backlog is 65536; allowed is 1 to 65535.")]
    [InlineData(200, 0, "Listeners[1].AcceptsOutstanding is 0; allowed is 1 to 200.")]
    [InlineData(200, 201, "Listeners[1].AcceptsOutstanding is 201; allowed is 1 to 200.")]
    public void A_listener_is_judged_too_and_named_by_its_place(int backlog, int accepts, string message)
    {
        FrameServerOptions options = Server();
        options.Listeners.Add(new ListenerOptions { EndPoint = AnyPort(), Framing = BinaryFraming.Create(), Backlog = backlog, AcceptsOutstanding = accepts });
        Refused(options, message);
    }

    [Fact]
    public void What_is_missing_or_makes_no_sense_is_named()
    {
        Refused(new FrameServerOptions(), "Listeners is empty");
        Refused(With(null!), "Listeners[0] is null");
        Refused(With(new ListenerOptions { EndPoint = null!, Framing = BinaryFraming.Create() }), "Listeners[0].EndPoint is null");
        Refused(With(new ListenerOptions { EndPoint = new DnsEndPoint("localhost", 1), Framing = BinaryFraming.Create() }), "Listeners[0].EndPoint is ");
        Refused(With(new ListenerOptions { EndPoint = AnyPort(), Framing = null! }), "Listeners[0].Framing is null");
        Refused(new FrameClientOptions { Framing = null! }, "Framing is null");

        FrameServerOptions options = Server();
        options.TimeProvider = null!;
        Refused(options, "TimeProvider is null");
        Assert.Throws<ArgumentNullException>(() => new FrameServer(null!));
        Assert.Throws<ArgumentNullException>(() => new FrameClient(null!));
    }

    [Fact]
    public void Two_deliveries_at_once_are_an_error()
    {
        foreach (FrameHostOptions options in new FrameHostOptions[] { Server(), Client() })
        {
            options.Handler = new EchoHandler();
            options.ConnectionHandler = (_, _, _) => Task.CompletedTask;
            Refused(options, "Handler and ConnectionHandler are both set");
        }
    }

    [Fact]
    public void An_engine_that_the_machine_lacks_is_refused_at_construction_and_named()
    {
        EngineKind[] lacking = OperatingSystem.IsWindows() ? [EngineKind.Epoll, EngineKind.IoUring]
            : OperatingSystem.IsLinux() ? [EngineKind.Iocp]
            : [EngineKind.Epoll, EngineKind.IoUring, EngineKind.Iocp];
        foreach (EngineKind engine in lacking)
        {
            FrameServerOptions options = Server();
            options.Engine = engine;
            Assert.Contains($"Engine is {engine}", Assert.Throws<PlatformNotSupportedException>(() => Make(options)).Message, StringComparison.Ordinal);
        }

        FrameServerOptions unknown = Server();
        unknown.Engine = (EngineKind)99;
        Refused(unknown, "Engine is 99; allowed is Auto, Sockets");
    }

    [Fact]
    public async Task Changing_options_after_construction_changes_nothing()
    {
        FrameServerOptions options = Server();
        options.Handler = new EchoHandler();
        await using var server = new FrameServer(options);
        options.Handler = new DelegateHandler((_, _) => throw new InvalidOperationException());
        options.ConnectionHandler = (_, _, _) => Task.CompletedTask;
        options.MaxConnections = -1;
        options.LingerTimeout = TimeSpan.Zero;
        options.Listeners.Clear();

        await server.StartAsync();
        using PlainClient client = await PlainClient.ConnectAsync(Assert.Single(server.EndPoints));
        await client.EchoAsync();
    }

    [Fact]
    public void The_defaults_are_those_of_the_README()
    {
        FrameServerOptions server = new();
        FrameClientOptions client = new() { Framing = BinaryFraming.Create() };
        var listener = new ListenerOptions { EndPoint = AnyPort(), Framing = BinaryFraming.Create() };
        HashSet<string> documented = [nameof(FrameServerOptions.Listeners), nameof(FrameClientOptions.Framing)];     // they have none
        string page = DocumentationPage.Read("../README.md");

        Row("| `Handler`, `ConnectionHandler` | null |", ("Handler", null), ("ConnectionHandler", null));
        Row("| `Closed` | null |", ("Closed", null));
        Row("| `Engine` | `Auto` |", ("Engine", EngineKind.Auto));
        Row("| `Workers` | processors |", ("Workers", null));
        Row("| `SpinTime` | off |", ("SpinTime", TimeSpan.Zero));
        Row("| `DirectDescriptors` | off |", ("DirectDescriptors", false));
        Row("| `MaxConnections` | 1,000,000 |", ("MaxConnections", 1_000_000));
        Row("| `ReceiveQueueFrames`, `ReceiveQueueBytes` | 65,536, 50 MB |", ("ReceiveQueueFrames", 65_536), ("ReceiveQueueBytes", 50_000_000L));
        Row("| `ReceiveQueueBytesPerConnection` | 256 KiB |", ("ReceiveQueueBytesPerConnection", 256 * 1024));
        Row("| `SendQueueBytesPerConnection` | 256 KiB |", ("SendQueueBytesPerConnection", 256 * 1024));
        Row("| `FrameTimeout` | 60 s |", ("FrameTimeout", TimeSpan.FromSeconds(60)));
        Row("| `IdleTimeout` | off |", ("IdleTimeout", Timeout.InfiniteTimeSpan));
        Row("| `SendTimeout` | 30 s |", ("SendTimeout", TimeSpan.FromSeconds(30)));
        Row("| `LingerTimeout`, `DrainTimeout` | 2 s, 5 s |", ("LingerTimeout", TimeSpan.FromSeconds(2)), ("DrainTimeout", TimeSpan.FromSeconds(5)));
        Row(
            "| `NoDelay`, `KeepAlive`, `KeepAliveTime`/`Interval`/`RetryCount` | on, on, 60 s / 10 s / 5 |",
            ("NoDelay", true),
            ("KeepAlive", true),
            ("KeepAliveTime", TimeSpan.FromSeconds(60)),
            ("KeepAliveInterval", TimeSpan.FromSeconds(10)),
            ("KeepAliveRetryCount", 5));
        Row("| `SendBufferSize`, `ReceiveBufferSize` | null |", ("SendBufferSize", null), ("ReceiveBufferSize", null));
        Row("| `TimeProvider`, `LoggerFactory` | system, none |", ("TimeProvider", TimeProvider.System), ("LoggerFactory", null));

        // Where server and client differ.
        Row("| `FirstFrameTimeout` | 30 s | no complete frame since accept, or since a pause (off for clients);");
        documented.Add("FirstFrameTimeout");
        Assert.Equal(TimeSpan.FromSeconds(30), server.FirstFrameTimeout);
        Assert.Equal(Timeout.InfiniteTimeSpan, client.FirstFrameTimeout);
        Row("| `Framing`, `ConnectTimeout` (client) | none, 15 s |");
        documented.Add("ConnectTimeout");
        Assert.Equal(TimeSpan.FromSeconds(15), client.ConnectTimeout);
        Row("`Backlog` 4,096, `AcceptsOutstanding` 50 (1-200; of `Sockets` and `Iocp`) |");
        Assert.Equal((4096, 50, true), (listener.Backlog, listener.AcceptsOutstanding, listener.DualMode));

        IEnumerable<string> all = typeof(FrameServerOptions).GetProperties().Concat(typeof(FrameClientOptions).GetProperties()).Select(property => property.Name);
        Assert.Empty(all.Except(documented));

        void Row(string text, params (string Option, object? Value)[] defaults)
        {
            Assert.Contains(text, page, StringComparison.Ordinal);
            foreach ((string option, object? value) in defaults)
            {
                documented.Add(option);
                Assert.Equal((option, value), (option, typeof(FrameServerOptions).GetProperty(option)!.GetValue(server)));
                Assert.Equal((option, value), (option, typeof(FrameClientOptions).GetProperty(option)!.GetValue(client)));
            }
        }
    }

    private static IPEndPoint AnyPort() => new(IPAddress.Loopback, 0);

    private static FrameServerOptions Server() => With(new ListenerOptions { EndPoint = AnyPort(), Framing = BinaryFraming.Create() });

    private static FrameServerOptions With(ListenerOptions listener) => new() { Engine = EngineKind.Sockets, Listeners = { listener } };

    private static FrameClientOptions Client() => new() { Engine = EngineKind.Sockets, Framing = BinaryFraming.Create() };

    private static FrameHost Make(FrameHostOptions options)
        => options is FrameServerOptions server ? new FrameServer(server) : new FrameClient((FrameClientOptions)options);

    private static void Refused(FrameHostOptions options, string message)
        => Assert.Contains(message, Assert.ThrowsAny<ArgumentException>(() => Make(options)).Message, StringComparison.Ordinal);

    private static Type Bare(PropertyInfo property) => Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;

    private static object Set(FrameHostOptions options, string option, long value)
    {
        PropertyInfo property = options.GetType().GetProperty(option)!;
        object converted = Bare(property) == typeof(TimeSpan) ? TimeSpan.FromMilliseconds(value)
            : Bare(property) == typeof(int) ? (object)(int)Math.Clamp(value, int.MinValue, int.MaxValue)
            : value;
        property.SetValue(options, converted);
        return converted;
    }
}
