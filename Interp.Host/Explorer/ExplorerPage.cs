using Interp.Host.Pages;
using Interp.Host.Surroundings;

namespace Interp.Host.Explorer;

/// <summary>Models as a page to be played with.</summary>
internal static class ExplorerPage
{
    /// <summary>The whole page.</summary>
    public static string Of(IReadOnlyList<ExploredModel> models) => Page.WriteLive(
        $"Explore {Prose.List([.. models.Select(model => model.Name)])}",
        Header(models),
        [.. Views.All.Where(view => models.Any(view.Shows)).Select(view => view.Section())],
        Html.Of($"<p>Made by interp {Product.Version}. This page holds the models themselves and runs them in your browser; it loads nothing and sends nothing.</p>"),
        ExploreJson.Of(models)).ToString();

    private static Html Header(IReadOnlyList<ExploredModel> models) => Html.Of($"""
        <h1>Explore {Html.Join(", ", models.Select(model => Html.Of($"<span class=\"model\">{model.Name}</span>")))}</h1>
        <p class="lead">{Prose.Capital(Prose.Count(models.Count, "small transformer"))}, live: type a text, switch heads off, look inside, and see what changes.</p>
        <noscript><p class="note">This page runs its models with JavaScript, which is switched off here; so there is nothing to see but headings.</p></noscript>

        """);
}
