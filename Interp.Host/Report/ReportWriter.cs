using System.Text;
using System.Text.Json;
using Interp.Host.Figures;
using Interp.Host.Files;
using Interp.Host.Json;
using Interp.Host.Results;

namespace Interp.Host.Report;

/// <summary>Writes what a run leaves for its readers.</summary>
internal static class ReportWriter
{
    /// <summary>
    /// Writes report.html, figures/*.png, results.json and NAME-learning-curve.csv for each model into <paramref name="directory"/>, which is made if it is not
    /// there; returns the path of the report.
    /// </summary>
    public static string Write(IDisk disk, Reproduction run, string directory)
    {
        var figures = Path.Combine(directory, "figures");
        disk.CreateDirectory(figures);
        var pictures = FigureRenderer.Render(FigureSet.Of(run.Models));
        foreach (var picture in pictures)
        {
            disk.Write(Path.Combine(figures, picture.FileName), picture.Png);
        }

        foreach (var model in run.Models)
        {
            disk.Write(Path.Combine(directory, $"{model.Name}-learning-curve.csv"), LearningCurve.Table(model.TrainingLosses, model.HeldOutLosses));
        }

        disk.Write(Path.Combine(directory, "results.json"), ReproductionJson.Bytes(run));
        var report = Path.Combine(directory, "report.html");
        disk.Write(report, Encoding.UTF8.GetBytes(ReproductionReport.Write(run, pictures).ToString()));
        return report;
    }
}
