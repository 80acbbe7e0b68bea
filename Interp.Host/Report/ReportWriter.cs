using System.Text.Json;
using Interp.Host.Figures;
using Interp.Host.Results;

namespace Interp.Host.Report;

/// <summary>Writes what a run leaves for its readers.</summary>
public static class ReportWriter
{
    /// <summary>
    /// Writes report.html, figures/*.png, results.json and NAME-learning-curve.csv for each model into <paramref name="directory"/>, which is made if it is not
    /// there; returns the path of the report.
    /// </summary>
    public static string Write(Reproduction run, string directory)
    {
        ArgumentNullException.ThrowIfNull(run);
        var figures = Path.Combine(directory, "figures");
        Directory.CreateDirectory(figures);
        var pictures = FigureRenderer.Render(FigureSet.Of(run.Models));
        foreach (var picture in pictures)
        {
            File.WriteAllBytes(Path.Combine(figures, picture.FileName), picture.Png);
        }

        foreach (var model in run.Models)
        {
            File.WriteAllText(Path.Combine(directory, $"{model.Name}-learning-curve.csv"), LearningCurve.Csv(model.TrainingLosses, model.HeldOutLosses));
        }

        File.WriteAllBytes(Path.Combine(directory, "results.json"), JsonSerializer.SerializeToUtf8Bytes(run, ResultsJson.Default.Reproduction));
        var report = Path.Combine(directory, "report.html");
        File.WriteAllText(report, ReproductionReport.Write(run, pictures).ToString());
        return report;
    }
}
