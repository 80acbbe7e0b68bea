using Interp.Host.Pages;
using Interp.Runs.Surroundings;

namespace Interp.Host.Explorer;

/// <summary>Models as a page to be played with.</summary>
internal static class ExplorerPage
{
    /// <summary>The whole page.</summary>
    public static string Of(IReadOnlyList<ExploredModel> models) => Of(
        $"Explore {Prose.List([.. models.Select(model => model.Name)])}",
        Html.Of($"<h1>Explore {Html.Join(", ", models.Select(model => Html.Of($"<span class=\"model\">{model.Name}</span>")))}</h1>"),
        models);

    /// <summary>The page of trainings of a study, beside the study's own.</summary>
    public static string OfTrainings(string study, IReadOnlyList<ExploredModel> models) => Of(
        "Explore the trainings of a study",
        Html.Of($"""
            <h1>Explore the trainings of a study</h1>
            <p class="lead">What they come to together says <a href="{study}">the study’s page</a>.</p>
            """),
        models);

    private static string Of(string title, Html heading, IReadOnlyList<ExploredModel> models) => Page.WriteLive(
        title,
        Header(heading, models),
        [.. Views.All.Where(view => models.Any(view.Shows)).Select(view => view.Section())],
        Html.Of($"<p>Made by interp {Product.Version}. This page holds the models themselves and runs them in your browser; it loads nothing and sends nothing.</p>"),
        ExploreJson.Of(models)).ToString();

    private static Html Header(Html heading, IReadOnlyList<ExploredModel> models) => Html.Of($"""
        {heading}
        <p class="lead">{Prose.Capital(Prose.Count(models.Count, "small transformer"))}, live: type a text, switch heads off, look inside, and see what changes.</p>
        <noscript><p class="note">This page runs its models with JavaScript, which is switched off here; so there is nothing to see but headings.</p></noscript>

        """);
}
