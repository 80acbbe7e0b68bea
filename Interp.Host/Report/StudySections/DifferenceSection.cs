using Interp.Host.Results;

namespace Interp.Host.Report.StudySections;

/// <summary>How kinds of models differ.</summary>
internal static class DifferenceSection
{
    // The field's convention.
    private const double Significant = 0.05;

    public static Section Write(StudyPage page) => new("differences", "How the kinds differ", "Differences", page.Summary.Comparisons.IsEmpty
        ? Html.Of($"<p>There are no two kinds with two trainings each to compare.</p>")
        : Html.Of($"""
            <p>{Prose.Capital(Pairs(page))}, in every quantity that both have. The difference is the first one’s mean minus the second’s, with its 95&#160;% bootstrap interval. The p value says
            how often trainings dealt at random into two such groups would differ as much (permutation test); as {page.Summary.Comparisons.Length} comparisons were made, it is corrected for
            their number (Holm). Marked are those with a corrected p below {Significant.ToString()}.</p>
            {Html.Join(page.Summary.Comparisons.GroupBy(each => (each.First, each.Second)), pair => Html.Of($"""
                <details class="folded"><summary>{StudyPage.Title(pair.Key.First)} against {Prose.Small(StudyPage.Title(pair.Key.Second))}: {Count([.. pair])}</summary>
                {Tables.Of(
                    $"{pair.Key.First} minus {pair.Key.Second}",
                    Tables.Texts("Quantity", "difference", "95 % interval", "p", "corrected p"),
                    pair.Select(Row))}
                </details>
                """))}
            """));

    private static string Pairs(StudyPage page) => (page.Swept, page.Variants.Count() > 1) switch
    {
        (true, true) => "variants are compared at the same setting, and each setting of a variant with its first one",
        (true, false) => "each setting is compared with the first one",
        _ => "variants are compared in pairs",
    };

    private static string Count(IReadOnlyList<Comparison> comparisons) =>
        $"{comparisons.Count(each => each.Corrected < Significant)} of {comparisons.Count} quantities differ";

    private static IReadOnlyList<Html> Row(Comparison each)
    {
        var words = QuantityWords.Of(each.Quantity);
        return
        [
            Html.Of($"<span class=\"sentence\">{words.Title}</span>"),
            Html.Text(words.ShowDifference(each.Difference)),
            Html.Text($"{words.ShowDifference(each.Interval.Low)} to {words.ShowDifference(each.Interval.High)}"),
            Html.Text(P(each.P)),
            each.Corrected < Significant ? Html.Of($"<strong>{P(each.Corrected)}\u00A0*</strong>") : Html.Text(P(each.Corrected)),
        ];
    }

    private static string P(double p) => p.ToString("0.0000");
}
