using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Iocp.Core;

/// <summary>The ranges of the options. A message names the option, the value and the allowed range.</summary>
internal static class OptionsValidation
{
    private const long OneGiB = 1L << 30;

    // TimerWheel and CancellationTokenSource both take this much.
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(24);
    private static readonly TimeSpan s_longestSpin = TimeSpan.FromMilliseconds(10);

    public static void Validate(FrameServerOptions options)
    {
        ValidateHost(options);
        if (options.Listeners.Count == 0)
        {
            throw new ArgumentException("Listeners is empty; a server needs at least one.", nameof(options));
        }

        for (int i = 0; i < options.Listeners.Count; i++)
        {
            string name = $"Listeners[{i}]";
            ListenerOptions listener = options.Listeners[i] ?? throw new ArgumentException($"{name} is null.", nameof(options));
            if (listener.EndPoint is not (IPEndPoint or UnixDomainSocketEndPoint))
            {
                throw new ArgumentException(
                    $"{name}.EndPoint is {listener.EndPoint?.ToString() ?? "null"}; it must be an IPEndPoint or a UnixDomainSocketEndPoint.", nameof(options));
            }

            Range($"{name}.{nameof(listener.Backlog)}", listener.Backlog, 1, 65_535);
            Range($"{name}.{nameof(listener.AcceptsOutstanding)}", listener.AcceptsOutstanding, 1, 200);
            Framing($"{name}.{nameof(listener.Framing)}", listener.Framing);
        }
    }

    public static void Validate(FrameClientOptions options)
    {
        ValidateHost(options);
        Framing(nameof(options.Framing), options.Framing);
        Time(nameof(options.ConnectTimeout), options.ConnectTimeout, infinite: true);
    }

    private static void ValidateHost(FrameHostOptions options)
    {
        if (options.Handler is not null && options.ConnectionHandler is not null)
        {
            throw new ArgumentException("Handler and ConnectionHandler are both set; choose one delivery, or neither to pull frames.", nameof(options));
        }

        if (!Enum.IsDefined(options.Engine))
        {
            throw Out(nameof(options.Engine), (int)options.Engine, string.Join(", ", Enum.GetNames<EngineKind>()));
        }

        if (options.TimeProvider is null)
        {
            throw new ArgumentException("TimeProvider is null; leave it at TimeProvider.System.", nameof(options));
        }

        OptionalRange(nameof(options.Workers), options.Workers, 1024);
        Range(nameof(options.MaxConnections), options.MaxConnections, 1, ConnectionId.MaxSlots - 1);
        Range(nameof(options.ReceiveQueueFrames), options.ReceiveQueueFrames, 1, 1 << 24);
        Range(nameof(options.ReceiveQueueBytes), options.ReceiveQueueBytes, 1, 1L << 40);
        Range(nameof(options.ReceiveQueueBytesPerConnection), options.ReceiveQueueBytesPerConnection, 1, OneGiB);
        Range(nameof(options.SendQueueBytesPerConnection), options.SendQueueBytesPerConnection, 1, OneGiB);
        OptionalRange(nameof(options.SendBufferSize), options.SendBufferSize, OneGiB);
        OptionalRange(nameof(options.ReceiveBufferSize), options.ReceiveBufferSize, OneGiB);
        Range(nameof(options.KeepAliveRetryCount), options.KeepAliveRetryCount, 1, 127);
        Seconds(nameof(options.KeepAliveTime), options.KeepAliveTime);
        Seconds(nameof(options.KeepAliveInterval), options.KeepAliveInterval);
        if (options.SpinTime < TimeSpan.Zero || options.SpinTime > s_longestSpin)
        {
            throw Out(nameof(options.SpinTime), options.SpinTime, "0 to 10 ms");
        }

        Time(nameof(options.FirstFrameTimeout), options.FirstFrameTimeout, infinite: true);
        Time(nameof(options.IdleTimeout), options.IdleTimeout, infinite: true);
        Time(nameof(options.SendTimeout), options.SendTimeout, infinite: true);
        Time(nameof(options.LingerTimeout), options.LingerTimeout, infinite: false);
        Time(nameof(options.DrainTimeout), options.DrainTimeout, infinite: false);
    }

    private static void Framing(string option, IFraming? framing)
    {
        if (framing is null)
        {
            throw new ArgumentException($"{option} is null.", nameof(framing));
        }

        Range($"{option}.{nameof(framing.MaxFrameLength)}", framing.MaxFrameLength, 1, int.MaxValue);
    }

    private static void OptionalRange(string option, int? value, long max)
    {
        if (value is { } set)
        {
            Range(option, set, 1, max);
        }
    }

    private static void Range(string option, long value, long min, long max)
    {
        if (value < min || value > max)
        {
            throw Out(option, value, string.Create(CultureInfo.InvariantCulture, $"{min} to {max}"));
        }
    }

    private static void Seconds(string option, TimeSpan value)
    {
        if (value < TimeSpan.FromSeconds(1) || value > TimeSpan.FromSeconds(32_767) || value.Ticks % TimeSpan.TicksPerSecond != 0)
        {
            throw Out(option, value, "whole seconds from 1 s to 32767 s");
        }
    }

    private static void Time(string option, TimeSpan value, bool infinite)
    {
        if (value == Timeout.InfiniteTimeSpan && infinite)
        {
            return;
        }

        if (value < TimeSpan.FromMilliseconds(1) || value > s_longest)
        {
            throw Out(option, value, infinite ? "1 ms to 24 days, or Timeout.InfiniteTimeSpan" : "1 ms to 24 days");
        }
    }

    private static ArgumentOutOfRangeException Out(string option, object value, string range)
        => new(option, value, $"{option} is {Convert.ToString(value, CultureInfo.InvariantCulture)}; allowed is {range}.");
}
