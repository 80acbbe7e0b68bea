using System.Text;
using Interp.Host.Explorer;
using Interp.Host.Json;
using Interp.Pictures;
using Interp.Runs.Results;

namespace Interp.Host.Report;

/// <summary>What a run leaves for its readers.</summary>
internal static class ReportWriter
{
    public const string Report = "report.html";

    /// <summary>
    /// report.html, figures/*.png, results.json and NAME-learning-curve.csv for each model: their names in the run's directory, and their bytes; and how long
    /// they took, which results.json has too.
    /// </summary>
    /// <param name="clock">How long it takes.</param>
    /// <param name="run">What was found.</param>
    /// <param name="live">The models as the page runs them; null for a page that is only read.</param>
    public static (IReadOnlyList<(string Name, byte[] Bytes)> Files, ReportTimings Timings) Files(TimeProvider clock, Reproduction run, IReadOnlyList<ExploredModel>? live = null)
    {
        var started = clock.GetTimestamp();
        var pictures = FigureRenderer.Render(FigureSet.Of(run.Models));
        var drawn = clock.GetTimestamp();
        var page = Encoding.UTF8.GetBytes(ReproductionReport.Write(run, pictures, live ?? []).ToString());
        var timings = new ReportTimings(clock.GetElapsedTime(started, drawn).TotalSeconds, clock.GetElapsedTime(drawn).TotalSeconds);
        return (
            [
                .. pictures.Select(picture => (Path.Combine("figures", picture.FileName), picture.Png)),
                .. run.Models.Select(model => ($"{model.Name}-learning-curve.csv", LearningCurve.Table(model.TrainingLosses, model.HeldOutLosses))),
                ("results.json", ReproductionJson.Bytes(run, timings)),
                (Report, page),
            ],
            timings);
    }
}
