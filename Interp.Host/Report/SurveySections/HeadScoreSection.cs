using Interp.Host.Pages;
using Interp.Pictures;

namespace Interp.Host.Report.SurveySections;

/// <summary>All heads of all trainings by what they do with the letters they look at.</summary>
internal static class HeadScoreSection
{
    public static Section Write(SurveyPage page, FigureMarkup figures) => new("heads", "Which heads copy?", "Heads", Html.Of($"""
        <p>A head that looks at a letter makes some letters likelier and others less likely. If it does so mostly for the letter it looks at, its <em>eigenvalue score</em> is near 1: it copies.
        Near −1 it does the opposite. Which of a layer’s heads does what is an accident of the seed, so heads are counted by rank: the highest score of each training first.</p>
        {(SurveyEigenvalueFigure.Of(page.Groups) is { } figure
            ? figures.One(
                figure.Name,
                Html.Of($"A dot for each head of each training. Within a layer the colours are ranks, from the highest score (top) to the lowest; short lines are medians.{LiveTrainings.Bars(page)}{(page.Live.Count > 0 ? Html.Of($"<span class=\"pointing\"> A dot leads to its training, live.</span>") : Html.Empty)}"),
                page.ReportCommand)
            : Html.Of($"<p>No scores were measured.</p>"))}
        """));
}
