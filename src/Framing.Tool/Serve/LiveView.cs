using System.Globalization;
using Spectre.Console;

namespace Framing.Tool.Serve;

/// <summary>The view of a terminal: drawn in place, once a second.</summary>
internal static class LiveView
{
    public static Task RunAsync(StatisticsMeter meter, CancellationToken stopped) =>
        AnsiConsole.Live(Draw(meter.Read())).StartAsync(async context =>
        {
            using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
            try
            {
                while (await timer.WaitForNextTickAsync(stopped))
                    context.UpdateTarget(Draw(meter.Read()));
            }
            catch (OperationCanceledException)
            {
                context.UpdateTarget(Draw(meter.Read()));
            }
        });

    private static Table Draw(in StatisticsReading reading)
    {
        var totals = reading.Totals;
        var table = new Table().Border(TableBorder.Rounded).HideHeaders().AddColumn("what").AddColumn(new TableColumn("how much").RightAligned());
        table.AddRow("connections", Text($"{totals.Connections:N0}"));
        table.AddRow("accepted", Text($"{totals.Accepted:N0}"));
        table.AddRow("frames/s", Text($"{reading.FramesPerSecond:N0}"));
        table.AddRow("MB/s", Text($"{reading.MegabytesPerSecond:N1}"));
        table.AddRow("memory", Text($"{reading.WorkingSet / 1e6:N0} MB"));
        foreach (var (reason, count) in totals.Closed.OrderBy(static closed => closed.Key))
            table.AddRow($"closed: {reason}", Text($"{count:N0}"));
        return table;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
