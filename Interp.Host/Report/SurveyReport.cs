using System.Text;
using Interp.Host.Figures;
using Interp.Host.Files;
using Interp.Host.Pages;
using Interp.Host.Report.SurveySections;
using Interp.Host.Surroundings;
using Interp.Host.Surveys;
using Interp.Host.Wording;

namespace Interp.Host.Report;

/// <summary>The page of a study over many seeds: which claims hold, in how many trainings.</summary>
internal static class SurveyReport
{
    /// <summary>
    /// Writes report.html and figures/*.png into the study's directory, each whole or not at all, and returns the path of the report. It depends on its
    /// arguments alone.
    /// </summary>
    /// <exception cref="IOException">The directory cannot be written.</exception>
    public static string Write(
        IDisk disk, StoredSurvey study, IReadOnlyList<SurveyResult> results, IReadOnlyList<(int Index, string Why)> failed, SurveySummary summary, string directory)
    {
        var done = results.Select(result => result.Item.Index).Concat(failed.Select(item => item.Index)).ToHashSet();
        var page = new SurveyPage(
            study,
            GroupResults.Of(results),
            [.. failed.OrderBy(item => item.Index)],
            [.. SurveyModule.items(study.Survey).Select(item => item.Index).Where(index => !done.Contains(index))],
            summary,
            Shell.Quoted(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory)))));
        var figures = Path.Combine(directory, "figures");
        disk.CreateDirectory(figures);
        var pictures = FigureRenderer.Render(SurveyFigureSet.Of(page.Groups));
        foreach (var picture in pictures)
        {
            // Whole or not at all, but not flushed: a picture lost with the power is drawn again, and waiting for the disk fifty times takes long.
            var path = Path.Combine(figures, picture.FileName);
            disk.Write(path + AtomicFile.Partial, picture.Png);
            disk.Rename(path + AtomicFile.Partial, path);
        }

        var report = Path.Combine(directory, "report.html");
        AtomicFile.Write(disk, report, Encoding.UTF8.GetBytes(Html(page, new FigureMarkup(pictures)).ToString()));
        return report;
    }

    private static string Seeds(Survey study) =>
        study.Seeds == 1 ? $"seed {study.FirstSeed}" : $"seeds {study.FirstSeed} to {study.FirstSeed + (ulong)(study.Seeds - 1)}";

    private static Html Html(SurveyPage page, FigureMarkup figures)
    {
        return Page.Write(
            "Which claims hold? A study over many trainings",
            Pages.Html.Of($"""
                <h1>Which claims hold?</h1>
                <p class="lede">{ClaimSection.Lede(page)}</p>
                <p class="facts"><span>{Prose.Capital(Prose.Count(page.Trainings, "training"))}</span> <span>{Seeds(page.Survey)}</span> <span>{Words.Count(page.Survey.Steps)} steps each</span> <span>interp {Product.Version}</span></p>
                """),
            [
                ClaimSection.Write(page),
                .. page.Groups.Count == 0 ? Array.Empty<Section>() :
                [
                    TrainingSection.Write(page, figures),
                    HeadScoreSection.Write(page, figures),
                    DistributionSection.Write(page, figures),
                    QuantitySection.Write(page),
                    DifferenceSection.Write(page),
                ],
                GlossarySection.Write(page),
                AgainSection.Write(page),
            ],
            Pages.Html.Of($"<p>Written by interp {Product.Version}. The study asked about: “Attempting to reverse engineer one-layer transformers”, 2022, and its author’s step to two layers. Pictures are set in Inter (SIL Open Font License).</p>"));
    }
}
