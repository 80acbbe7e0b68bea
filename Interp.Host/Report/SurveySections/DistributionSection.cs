using Interp.Host.Pages;
using Interp.Pictures;

namespace Interp.Host.Report.SurveySections;

/// <summary>Every quantity in every training.</summary>
internal static class DistributionSection
{
    public static Section Write(SurveyPage page, FigureMarkup figures)
    {
        var families = GroupResults.Quantities(page.Groups)
            .Where(quantity => page.Groups.Any(group => group.Values(quantity).Length > 0))
            .GroupBy(quantity => QuantityWordsModule.ofQuantity(quantity).Family)
            .ToDictionary(family => family.Key, family => family.ToArray());
        return new("distributions", "Every quantity in every training", "Distributions", Html.Of($"""
            <p>A dot is a training.{LiveTrainings.Bars(page)} The tinted box holds the middle half of a row, the dark line is its median. Axes differ from picture to picture.</p>
            <p class="pointing">{LiveTrainings.Dots(page)}</p>
            {Html.Join(families.Keys.Order(), family => Html.Of($"""
                <h3>{family.ToString()}</h3>
                {figures.Captioned(
                    3,
                    families[family].Select(quantity => (DistributionFigure.Name(quantity), Html.Text($"{Prose.Capital(QuantityWordsModule.ofQuantity(quantity).Sentence)}."))),
                    page.ReportCommand)}
                """))}
            """));
    }
}
