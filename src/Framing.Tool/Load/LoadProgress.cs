using Framing.Tool.Output;
using Spectre.Console;

namespace Framing.Tool.Load;

/// <summary>The progress display of a terminal.</summary>
internal static class LoadProgress
{
    public static Task<LoadResult> RunAsync(LoadContext context, StopSignals signals) =>
        AnsiConsole.Progress().AutoClear(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn()).StartAsync(display =>
        {
            ProgressTask? bar = null;
            void Watch(LoadStage stage)
            {
                lock (display)
                {
                    if (bar?.Description != stage.Stage)
                    {
                        bar?.StopTask();
                        bar = display.AddTask(stage.Stage, maxValue: 1);
                    }

                    bar.Value = stage.Done;
                }
            }

            return new LoadRun(context, Watch).RunAsync(signals);
        });
}
