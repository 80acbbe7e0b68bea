using System.Globalization;
using Interp.Runs.Directories;
using Interp.Runs.Surroundings;
using Interp.Runs.Wording;
using Spectre.Console;

namespace Interp.Host.Surveys;

/// <summary>
/// The progress of a study: on a terminal one bar for the whole with an estimate of the time left, and one for each worker's training;
/// elsewhere, as in a log, a line for every item.
/// </summary>
internal sealed class SurveyDisplay : ISurveyWatcher
{
    private readonly Lock gate = new();
    private readonly IAnsiConsole console;
    private readonly string most;
    private int count;
    private double total;
    private readonly Dictionary<int, double> underWay = [];
    private readonly TimeProvider clock;
    private readonly long started;
    private ProgressTask? whole;
    private ProgressTask[] bars = [];
    private double done;
    private double doneBefore;
    private int settled;
    private int failures;

    private SurveyDisplay(World world, Terminal terminal, Survey study, IReadOnlyList<SurveyItem> share)
    {
        clock = world.Clock;
        started = clock.GetTimestamp();
        console = terminal.Progress;
        most = study.UntilDecided ? "at most " : "";
        count = share.Count;
        total = share.Sum(SurveyTraining.Work);
    }

    /// <summary>Shows what a runner does while it does it.</summary>
    public static SurveyProgress Show(World world, Terminal terminal, Survey study, IReadOnlyList<SurveyItem> share, int workers, Func<ISurveyWatcher, SurveyProgress> run)
    {
        SlowMachine.Warn(terminal.Progress);
        var display = new SurveyDisplay(world, terminal, study, share);
        if (!terminal.IsLive)
        {
            return run(display);
        }

        return terminal.Progress
            .Progress()
            .AutoRefresh(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
            .Start(context =>
            {
                display.whole = context.AddTask("study", maxValue: Math.Max(display.total, 1));
                display.bars = [.. Enumerable.Range(0, Math.Min(workers, share.Count)).Select(_ => context.AddTask("waiting", autoStart: false))];
                display.Refresh();
                return run(display);
            });
    }

    public void Begun(int worker, SurveyItem item)
    {
        lock (gate)
        {
            underWay[worker] = 0;
            if (worker < bars.Length)
            {
                bars[worker].StartTask();
                bars[worker].MaxValue = item.Configuration.Steps;
                bars[worker].Value = 0;
                bars[worker].Description = Names.Markup(SurveyDirectory.Name(item));
            }
        }
    }

    public void Progressed(int worker, SurveyItem item, TrainingProgress progress)
    {
        lock (gate)
        {
            underWay[worker] = SurveyTraining.Work(item) * progress.Step / progress.Steps;
            if (worker < bars.Length)
            {
                bars[worker].Value = progress.Step;
                bars[worker].Description = Names.Markup($"{SurveyDirectory.Name(item)}: loss {Words.Nats(progress.Loss)}, {Words.Whole(progress.StepsPerSecond),5} steps/s");
            }

            Refresh();
        }
    }

    public void Done(int? worker, SurveyItem item, double? seconds) => Settled(worker, item, () =>
    {
        if (seconds is null)
        {
            doneBefore += SurveyTraining.Work(item);
        }
        else if (whole is null)
        {
            Line($"{SurveyDirectory.Name(item)} is done, in {Seconds(seconds.Value)}: {settled} of {most}{count}{Left()}");
        }
    });

    public void Failed(int? worker, SurveyItem item, string why) => Settled(worker, item, () =>
    {
        failures++;
        Line($"{SurveyDirectory.Name(item)} failed: {why}");
    });

    public void Spared(SurveyItem item)
    {
        lock (gate)
        {
            count--;
            total -= SurveyTraining.Work(item);
            if (whole is not null)
            {
                whole.MaxValue = Math.Max(total, 1);
            }

            Refresh();
        }
    }

    public void Remark(string sentence)
    {
        lock (gate)
        {
            Line(sentence);
        }
    }

    private static string Seconds(double seconds) => $"{Words.Tenth(seconds)} s";

    /// <summary>A length of time, as exactly as an estimate deserves.</summary>
    private static string Roughly(double seconds) => seconds switch
    {
        < 90 => $"{Words.Whole(Math.Ceiling(seconds))} s",
        < 5400 => $"{Words.Whole(Math.Ceiling(seconds / 60))} min",
        _ => $"{Words.Tenth(seconds / 3600)} h",
    };

    private void Settled(int? worker, SurveyItem item, Action tell)
    {
        lock (gate)
        {
            settled++;
            done += SurveyTraining.Work(item);
            if (worker is { } own)
            {
                underWay.Remove(own);
                if (own < bars.Length)
                {
                    bars[own].Description = "waiting";
                }
            }

            tell();
            Refresh();
        }
    }

    private void Refresh()
    {
        if (whole is null)
        {
            return;
        }

        whole.Value = done + underWay.Values.Sum();
        var failed = failures > 0 ? $", {Words.Count(failures)} failed" : "";
        whole.Description = Names.Markup($"{Words.Count(settled)} of {most}{Words.Count(count)} trainings{failed}{Left()}");
    }

    /// <summary>Time left, were the rest to go as what this process has done.</summary>
    private string Left()
    {
        var reached = done + underWay.Values.Sum();
        var own = reached - doneBefore;
        return own > 0 && total > reached ? $", {most}about {Roughly(clock.GetElapsedTime(started).TotalSeconds * (total - reached) / own)} left" : "";
    }

    private void Line(string text)
    {
        if (whole is null)
        {
            Terminal.Line(console, $"interp: {text}");
        }
        else
        {
            // Through the console, which keeps the bars below it.
            console.MarkupLine(Names.Markup($"interp: {text}"));
        }
    }
}
