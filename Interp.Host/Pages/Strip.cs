namespace Interp.Host.Pages;

/// <summary>A number on an axis as wide as a word: what is asked for or sure as a span, the number as a mark. The numbers themselves stand beside it.</summary>
internal static class Strip
{
    /// <param name="tone">The classes that give it its colours.</param>
    /// <param name="low">Where the span begins, from 0 to 1.</param>
    /// <param name="high">Where it ends.</param>
    /// <param name="mark">Where the number stands.</param>
    /// <param name="ring">Where another one stands that it is held against; null for none.</param>
    public static Html Of(string tone, double low, double high, double mark, double? ring = null) => Html.Of($"""
        <svg class="range {tone}" aria-hidden="true"><rect class="span" x="{Percent(low)}" width="{Percent(Math.Max(0, high - low))}" height="100%"></rect>{(ring is { } other ? Html.Of($"<circle class=\"ring\" cx=\"{Percent(other)}\" cy=\"50%\"></circle>") : Html.Empty)}<rect class="mark" x="{Percent(mark)}"></rect></svg>
        """);

    // Attributes, as a page's policy lets no style stand in its markup.
    private static string Percent(double share) => FormattableString.Invariant($"{100 * share:0.##}%");
}
