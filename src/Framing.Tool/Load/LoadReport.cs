using System.Globalization;
using Framing.Tool.Output;
using Framing.Tool.Parsing;

namespace Framing.Tool.Load;

/// <summary>The result, for people and for machines.</summary>
internal static class LoadReport
{
    public static void WriteText(LoadResult result, TextWriter output)
    {
        var (settings, latency, errors) = (result.Settings, result.Latency, result.Errors);
        if (settings.Hold)
        {
            Line($"hold       connections {settings.Connections:N0}, payload {settings.Payload:N0} bytes, {FramingChoice.Name(settings.Framing)} framing, {result.Elapsed.TotalSeconds:N1} s");
            Line($"echoed     {result.Greetings:N0} at first, {result.Messages:N0} again");
        }
        else
        {
            WriteRates();
        }

        if (result.Interrupted)
            Line($"interrupted by a signal");
        if (!errors.Any)
        {
            if (result.Verified > 0)
                Line($"errors     none: every byte of {result.Verified:N0} frames came back as sent");
            else
                Line($"errors     none, but no frame came back either");
            return;
        }

        Line($"errors     {errors.Connect:N0} not connected, {errors.Closed:N0} closed, {errors.Wrong:N0} wrong, {errors.Lost:N0} frames lost");
        foreach (var sample in errors.Samples)
            Line($"           {sample}");

        void WriteRates()
        {
            Line($"load       connections {settings.Connections:N0}, depth {settings.Depth:N0}, payload {settings.Payload:N0} bytes, {FramingChoice.Name(settings.Framing)} framing, {result.Elapsed.TotalSeconds:N1} s");
            Line($"frames/s   {result.MessagesPerSecond:N0}");
            Line($"MB/s       {result.MegabytesPerSecond:N1} each way");
            Line($"latency    p50 {latency.P50:N0}  p90 {latency.P90:N0}  p99 {latency.P99:N0}  p99.9 {latency.P999:N0}  max {latency.Max:N0} us");
            if (result.NotSent > 0)
                Line($"not sent   {result.NotSent:N0} frames that were due");
        }

        void Line(FormattableString line) => output.WriteLine(line.ToString(CultureInfo.InvariantCulture));
    }

    public static void WriteJson(LoadResult result, Stream output) => JsonLine.Write(output, json =>
    {
        var (settings, latency, errors) = (result.Settings, result.Latency, result.Errors);
        json.WriteString("framing", FramingChoice.Name(settings.Framing));
        json.WriteNumber("connections", settings.Connections);
        json.WriteNumber("depth", settings.Depth);
        json.WriteNumber("payload", settings.Payload);
        json.WriteBoolean("hold", settings.Hold);
        json.WriteBoolean("interrupted", result.Interrupted);
        json.WriteNumber("greetings", result.Greetings);
        json.WriteNumber("seconds", Math.Round(result.Elapsed.TotalSeconds, 3));
        json.WriteNumber("frames", result.Messages);
        json.WriteNumber("notSent", result.NotSent);
        if (!settings.Hold)
        {
            json.WriteNumber("framesPerSecond", Math.Round(result.MessagesPerSecond, 1));
            json.WriteNumber("megabytesPerSecond", Math.Round(result.MegabytesPerSecond, 3));
        }

        json.WriteStartObject("latencyMicroseconds");
        json.WriteNumber("p50", Math.Round(latency.P50, 1));
        json.WriteNumber("p90", Math.Round(latency.P90, 1));
        json.WriteNumber("p99", Math.Round(latency.P99, 1));
        json.WriteNumber("p99.9", Math.Round(latency.P999, 1));
        json.WriteNumber("max", Math.Round(latency.Max, 1));
        json.WriteEndObject();
        json.WriteStartObject("errors");
        json.WriteNumber("connect", errors.Connect);
        json.WriteNumber("closed", errors.Closed);
        json.WriteNumber("wrong", errors.Wrong);
        json.WriteNumber("lost", errors.Lost);
        json.WriteEndObject();
        json.WriteStartArray("samples");
        foreach (var sample in errors.Samples)
            json.WriteStringValue(sample);
        json.WriteEndArray();
    });
}
