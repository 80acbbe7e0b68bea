using System.Text;
using Interp.Host.Explorer;
using Interp.Host.Pages;
using Interp.Host.Report.SurveySections;
using Interp.Host.Surveys;
using Interp.Pictures;
using Interp.Runs.Surroundings;
using Interp.Runs.Wording;

namespace Interp.Host.Report;

/// <summary>The page of a study over many seeds: which claims hold, in how many trainings.</summary>
internal static class SurveyReport
{
    public const string Report = "report.html";

    /// <summary>
    /// report.html, figures/*.png and the live pages: their names in the study's directory, and their bytes, which depend on the arguments alone.
    /// </summary>
    public static IReadOnlyList<(string Name, byte[] Bytes)> Files(
        StoredSurvey study,
        IReadOnlyList<SurveyResult> results,
        IReadOnlyList<(int Index, string Why)> failed,
        IReadOnlyList<int> missing,
        SurveySummary summary,
        SurveyLivePages live,
        string directory)
    {
        var ended = failed.Select(item => item.Index).ToHashSet();
        var page = new SurveyPage(
            study,
            GroupResults.Of(results),
            [.. failed.OrderBy(item => item.Index)],
            [.. missing.Where(index => !ended.Contains(index))],
            summary,
            live.Links,
            Shell.Quoted(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory)))));
        var pictures = FigureRenderer.Render([.. SurveyClaimFigure.Of(page.Summary), .. SurveyFigureSet.Of(page.Groups)]);
        return
        [
            .. live.Files,
            .. pictures.Select(picture => (Path.Combine("figures", picture.FileName), picture.Png)),
            (Report, Encoding.UTF8.GetBytes(Html(page, new FigureMarkup(pictures)).ToString())),
        ];
    }

    private static string Seeds(Survey study) =>
        study.UntilDecided ? $"seeds from {study.FirstSeed} on, {study.Seeds} at most"
        : study.Seeds == 1 ? $"seed {study.FirstSeed}" : $"seeds {study.FirstSeed} to {study.FirstSeed + (ulong)(study.Seeds - 1)}";

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
                ClaimSection.Write(page, figures),
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
                Sections.LiteratureSection.OfSurvey,
            ],
            Pages.Html.Of($"<p>Written by interp {Product.Version}. The study asked about: {Sections.LiteratureSection.Cited}. Pictures are set in Inter (SIL Open Font License).</p>"));
    }
}
