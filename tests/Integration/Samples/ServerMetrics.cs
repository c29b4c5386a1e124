using System.Diagnostics.Metrics;
using Iocp.Core;

namespace Samples;

/// <summary>The totals of a server or client as metrics, asked for when somebody collects the meter "Framing"; the tag tells the hosts of a process apart.</summary>
public sealed class ServerMetrics : IDisposable
{
    private readonly Meter _meter;

    public ServerMetrics(FrameHost host, string name)
    {
        _meter = new Meter(new MeterOptions("Framing") { Tags = [KeyValuePair.Create("host", (object?)name)] });
        _meter.CreateObservableUpDownCounter("framing.connections", () => host.ConnectionCount, "{connection}");
        _meter.CreateObservableCounter("framing.connections.accepted", () => host.GetStatistics().Accepted, "{connection}");
        _meter.CreateObservableCounter("framing.connections.closed", () => Closed(host), "{connection}");
        _meter.CreateObservableCounter("framing.frames.received", () => host.GetStatistics().FramesReceived, "{frame}");
        _meter.CreateObservableCounter("framing.received", () => host.GetStatistics().BytesReceived, "By");
        _meter.CreateObservableCounter("framing.sent", () => host.GetStatistics().BytesSent, "By");
        _meter.CreateObservableCounter("framing.sends.refused", () => host.GetStatistics().SendsRefused, "{send}");
        _meter.CreateObservableUpDownCounter("framing.queue", () => host.GetStatistics().ReceiveQueueBytes, "By");
    }

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<long>> Closed(FrameHost host)
        => host.GetStatistics().Closed.Select(closed => new Measurement<long>(closed.Value, KeyValuePair.Create("reason", (object?)closed.Key.ToString())));
}
