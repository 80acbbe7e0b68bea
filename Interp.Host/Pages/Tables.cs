namespace Interp.Host.Pages;

/// <summary>Tables: where there is no room for their columns, each row is a list of its cells under their headings; what is too wide even so scrolls by itself.</summary>
internal static class Tables
{
    /// <summary>Columns that have room on any screen.</summary>
    private const int Few = 2;

    /// <summary>From here on small type is used where there is no room to spare.</summary>
    private const int Many = 7;

    /// <summary>A table; cells of the first column are row headings, the others are set flush right if <paramref name="numeric"/>.</summary>
    public static Html Of(string caption, IReadOnlyList<Html> headings, IEnumerable<IReadOnlyList<Html>> rows, bool numeric = true) => Html.Of($"""
        <div class="scroll" tabindex="0" role="region" aria-label="{caption}">
        <table class="{(numeric ? "numbers" : "words")}{(headings.Count > Few ? " wide" : string.Empty)}{(headings.Count >= Many ? " many" : string.Empty)}">
        <caption>{caption}</caption>
        <thead><tr>{Html.Join(headings, heading => Html.Of($"<th scope=\"col\">{heading}</th>"))}</tr></thead>
        <tbody>
        {Html.Join(rows, row => Row(headings, row))}
        </tbody>
        </table>
        </div>

        """);

    private static Html Row(IReadOnlyList<Html> headings, IReadOnlyList<Html> cells) => Html.Of(
        $"<tr><th scope=\"row\">{cells[0]}</th>{Html.Join(headings.Skip(1).Zip(cells.Skip(1)), cell => Html.Of($"<td{Named(cell.First)}>{cell.Second}</td>"))}</tr>\n");

    /// <summary>A heading as an attribute, which holds no markup.</summary>
    private static Html Named(Html heading) =>
        heading.ToString().Contains('<', StringComparison.Ordinal) ? Html.Empty : Html.Of($" data-heading=\"{heading}\"");

    public static Html[] Texts(params string[] texts) => [.. texts.Select(Html.Text)];
}
