namespace Interp.Host.Pages;

/// <summary>Tables that scroll by themselves where they are too wide.</summary>
internal static class Tables
{
    /// <summary>A table; cells of the first column are row headings, the others are set flush right if <paramref name="numeric"/>.</summary>
    public static Html Of(string caption, IReadOnlyList<Html> headings, IEnumerable<IReadOnlyList<Html>> rows, bool numeric = true) => Html.Of($"""
        <div class="scroll" tabindex="0" role="region" aria-label="{caption}">
        <table class="{(numeric ? "numbers" : "words")}">
        <caption>{caption}</caption>
        <thead><tr>{Html.Join(headings, heading => Html.Of($"<th scope=\"col\">{heading}</th>"))}</tr></thead>
        <tbody>
        {Html.Join(rows, Row)}
        </tbody>
        </table>
        </div>

        """);

    private static Html Row(IReadOnlyList<Html> cells) =>
        Html.Of($"<tr><th scope=\"row\">{cells[0]}</th>{Html.Join(cells.Skip(1), cell => Html.Of($"<td>{cell}</td>"))}</tr>\n");

    public static Html[] Texts(params string[] texts) => [.. texts.Select(Html.Text)];
}
