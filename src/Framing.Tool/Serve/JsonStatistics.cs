using Framing.Tool.Output;

namespace Framing.Tool.Serve;

/// <summary><c>--stats json</c>: one object a line each second, and a last one at the stop.</summary>
internal static class JsonStatistics
{
    public static async Task RunAsync(StatisticsMeter meter, Stream output, CancellationToken stopped)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        try
        {
            while (await timer.WaitForNextTickAsync(stopped))
                Write(meter.Read(), output);
        }
        catch (OperationCanceledException)
        {
            Write(meter.Read(), output);
        }
    }

    private static void Write(StatisticsReading reading, Stream output) => JsonLine.Write(output, json =>
    {
        var totals = reading.Totals;
        json.WriteNumber("connections", totals.Connections);
        json.WriteNumber("accepted", totals.Accepted);
        json.WriteNumber("framesReceived", totals.FramesReceived);
        json.WriteNumber("bytesReceived", totals.BytesReceived);
        json.WriteNumber("framesSent", totals.FramesSent);
        json.WriteNumber("bytesSent", totals.BytesSent);
        json.WriteNumber("sendsRefused", totals.SendsRefused);
        json.WriteNumber("framesPerSecond", Math.Round(reading.FramesPerSecond, 1));
        json.WriteNumber("megabytesPerSecond", Math.Round(reading.MegabytesPerSecond, 3));
        json.WriteNumber("workingSet", reading.WorkingSet);
        json.WriteStartObject("closed");
        foreach (var (reason, count) in totals.Closed.OrderBy(static closed => closed.Key))
            json.WriteNumber(reason.ToString(), count);
        json.WriteEndObject();
    });
}
