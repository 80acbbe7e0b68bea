using Interp.Host.Pages;
using Interp.Pictures;
using Interp.Runs.Wording;

namespace Interp.Host.Report.SurveySections;

/// <summary>The way from a study's page to its trainings, live.</summary>
internal static class LiveTrainings
{
    /// <summary>Of so many trainings the list of links is open; that of more is folded.</summary>
    private const int Many = 100;

    /// <summary>A link to each training, which marks of figures lead to as well: figures.js finds it by its id.</summary>
    public static Html Links(SurveyPage page) => page.Live.Count == 0 ? Html.Empty : Html.Of($"""
        <details class="folded live"{(page.Live.Count <= Many ? Html.Of($" open") : Html.Empty)}><summary>{Prose.Capital(Prose.Count(page.Live.Count, "training"))}, live</summary>
        <p>Each is a page to be played with, beside this one: type a text, switch heads off, look inside.{Others(page)}</p>
        <ul class="seeds">{Html.Join(page.Groups, group => Kind(page, group))}</ul>
        </details>
        """);

    /// <summary>What stands for dots where there would be too many; nothing where there are not.</summary>
    public static Html Bars(SurveyPage page) => page.Groups.Any(group => group.Results.Count > Swarm.Most)
        ? Html.Of($" Where a row has more than {Words.Count(Swarm.Most)} of them it has bars instead, each as high as there are trainings.")
        : Html.Empty;

    /// <summary>What a dot does when it is clicked, or how it would.</summary>
    public static Html Dots(SurveyPage page) =>
        page.Live.Count > 0 ? Html.Of($"Pointed at, a dot says its seed and value; a click on it opens its training as a live page, and so does Enter where arrow keys have led to it.")
        : page.Stored.KeepsWeights ? Html.Of($"Pointed at, a dot says its seed and value. The weights of these trainings are not there any more, so there are no live pages of them.")
        : Html.Of($"Pointed at, a dot says its seed and value. A study with <code>--keep-weights</code> opens its training as a live page, too.");

    private static Html Others(SurveyPage page)
    {
        var others = page.Trainings - page.Live.Count;
        return others == 0 ? Html.Empty
            : Html.Of($" {Prose.Capital(Prose.Count(others, "training"))} {(others == 1 ? "is" : "are")} left out, whose weights are gone or would be too many.");
    }

    private static Html Kind(SurveyPage page, GroupResults group)
    {
        var shown = group.Results.Where(result => page.Live.ContainsKey(result.Item.Index)).ToArray();
        return shown.Length == 0 ? Html.Empty : Html.Of($"""
            <li>{SurveyPage.Title(group.Group)}: {Html.Join(" ", shown.Select(result => Html.Of(
                $"<a id=\"training-{result.Item.Index}\" href=\"{page.Live[result.Item.Index]}\">seed&#160;{result.Item.Configuration.Seed}</a>")))}</li>

            """);
    }
}
