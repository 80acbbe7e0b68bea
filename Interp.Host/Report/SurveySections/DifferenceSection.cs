using Interp.Host.Pages;
using Interp.Runs.Wording;

namespace Interp.Host.Report.SurveySections;

/// <summary>How kinds of models differ.</summary>
internal static class DifferenceSection
{
    // The field's convention.
    private const double Significant = 0.05;

    public static Section Write(SurveyPage page) => new("differences", "How the kinds differ", "Differences", page.Summary.Comparisons.IsEmpty
        ? Html.Of($"<p>There are no two kinds with two trainings each to compare.</p>")
        : Html.Of($"""
            <p>{Prose.Capital(Pairs(page))}, in every quantity that both have. The difference is the first one’s mean minus the second’s, with its 95&#160;% bootstrap interval. The p value says
            how often trainings dealt at random into two such groups would differ as much (permutation test); as {page.Summary.Comparisons.Length} comparisons were made, it is corrected for
            their number (Holm). Marked are those with a corrected p below {Significant.ToString()}.</p>
            {TooFew(page)}
            {Html.Join(page.Summary.Comparisons.GroupBy(each => (each.First, each.Second)), pair => Html.Of($"""
                <details class="folded"><summary>{SurveyPage.Title(pair.Key.First)} against {Prose.Small(SurveyPage.Title(pair.Key.Second))}: {Count([.. pair])}</summary>
                {Tables.Of(
                    $"{pair.Key.First} minus {pair.Key.Second}",
                    Tables.Texts("Quantity", "difference", "95 % interval", "p", "corrected p"),
                    pair.Select(Row))}
                </details>
                """))}
            """));

    /// <summary>Where not even the largest difference could be marked, that is no finding.</summary>
    private static Html TooFew(SurveyPage page)
    {
        var sizes = page.Groups.Select(group => group.Results.Count).Where(count => count > 1).Order().TakeLast(2).ToArray();
        var least = sizes.Length < 2 ? 1 : Least(sizes[0], sizes[1], SurveySummaryModule.splits(page.Summary.Comparisons.Length));
        return page.Summary.Comparisons.Length * least < Significant ? Html.Empty : Html.Of($"""
            <p><strong>There are too few trainings for any difference to be marked:</strong> the least p value that {sizes[0]} against {sizes[^1]} can have is {P(least)}, and corrected for
            {page.Summary.Comparisons.Length} comparisons that is {P(Math.Min(1, page.Summary.Comparisons.Length * least))}. The intervals still say how large the differences are.</p>
            """);
    }

    /// <summary>The p value of two groups of which one lies wholly above the other: theirs is one split of all; where they are of one size, so is its mirror image.</summary>
    private static double Least(int first, int second, int drawn)
    {
        var splits = Enumerable.Range(1, first).Aggregate(1.0, (ways, place) => ways * (second + place) / place);
        return splits <= drawn ? (first == second ? 2 : 1) / splits : 1.0 / (drawn + 1);
    }

    private static string Pairs(SurveyPage page) => (page.Swept, page.Variants.Count() > 1) switch
    {
        (true, true) => "variants are compared at the same setting, and each setting of a variant with its first one",
        (true, false) => "each setting is compared with the first one",
        _ => "variants are compared in pairs",
    };

    private static string Count(IReadOnlyList<Comparison> comparisons) =>
        $"{comparisons.Count(each => each.CorrectedP < Significant)} of {comparisons.Count} quantities differ by more than chance";

    private static IReadOnlyList<Html> Row(Comparison each)
    {
        var words = QuantityWordsModule.ofQuantity(each.Quantity);
        return
        [
            Html.Of($"<span class=\"sentence\">{words.Title}</span>"),
            Html.Text(words.ShowDifference(each.Difference)),
            Html.Text($"{words.ShowDifference(each.Interval.Low)} to {words.ShowDifference(each.Interval.High)}"),
            Html.Text(P(each.P)),
            each.CorrectedP < Significant ? Html.Of($"<strong>{P(each.CorrectedP)}\u00A0*</strong>") : Html.Text(P(each.CorrectedP)),
        ];
    }

    private static string P(double p) => Words.Fixed(p, "0.0000");
}
