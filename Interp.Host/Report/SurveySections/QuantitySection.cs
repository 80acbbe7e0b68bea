using Interp.Host.Pages;
using Interp.Runs.Wording;

namespace Interp.Host.Report.SurveySections;

/// <summary>Means, medians and intervals of every quantity.</summary>
internal static class QuantitySection
{
    public static Section Write(SurveyPage page) => new("quantities", "The numbers", "Numbers", Html.Of($"""
        <p>Mean and median over trainings, with the interval in which the mean of many more trainings would lie (95&#160;%, percentile bootstrap; of fewer than ten trainings such intervals are too
        narrow). Names in <code>this type</code> are columns of <code>results.csv</code> and <code>results.parquet</code>, where every training has its row.</p>
        {Html.Join(page.Summary.Quantities.GroupBy(result => result.Group), group => Html.Of($"""
            <details class="folded"{Open(page)}><summary>{SurveyPage.Title(group.Key)}</summary>
            {Tables.Of($"Quantities, {group.Key}", Tables.Texts("Quantity", "trainings", "mean", "median", "95 % interval of the mean"), group.Select(Row))}
            </details>
            """))}
        """));

    // A few groups are read through, many are looked up.
    private static Html Open(SurveyPage page) => page.Groups.Count <= 1 ? Html.Of($" open") : Html.Empty;

    private static IReadOnlyList<Html> Row(QuantityResult result)
    {
        var words = QuantityWordsModule.ofQuantity(result.Quantity);
        return
        [
            Html.Of($"<span class=\"sentence\">{words.Title}<br><code>{result.Quantity.ToString()}</code></span>"),
            Html.Of($"{result.Count}"),
            Html.Text(words.Show(result.Mean)),
            Html.Text(words.Show(result.Median)),
            Html.Text(result.Count < 2 ? "–" : $"{words.Show(result.Interval.Low)} to {words.Show(result.Interval.High)}"),
        ];
    }
}
