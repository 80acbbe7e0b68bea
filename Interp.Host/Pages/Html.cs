using System.Net;
using System.Runtime.CompilerServices;
using System.Text;

namespace Interp.Host.Pages;

/// <summary>
/// Markup that is safe to put on a page. <c>Html.Of($"&lt;p&gt;{text}&lt;/p&gt;")</c>: the literal parts are markup, every hole is encoded unless it is
/// itself <see cref="Html"/>.
/// </summary>
internal readonly record struct Html
{
    private readonly string? _markup;

    private Html(string markup) => _markup = markup;

    public static Html Empty => default;

    public static Html Of(HtmlTemplate template) => new(template.Finish());

    /// <summary>Text, encoded; what does not print is escaped.</summary>
    public static Html Text(string text) => new(Encoded(text));

    /// <summary>Markup that this program brings along as a file; never anything that came from outside.</summary>
    internal static Html Own(string markup) => new(markup);

    /// <summary>One after the other.</summary>
    public static Html Join(IEnumerable<Html> parts) => Join(string.Empty, parts);

    /// <summary>One after the other, with text (encoded) in between.</summary>
    public static Html Join(string separator, IEnumerable<Html> parts) =>
        new(string.Join(Encoded(separator), parts.Select(part => part.ToString())));

    public static Html Join<T>(IEnumerable<T> items, Func<T, Html> write) => Join(items.Select(write));

    public override string ToString() => _markup ?? string.Empty;

    /// <summary>What does not print is escaped, and what would be markup is encoded.</summary>
    internal static string Encoded(string text) => WebUtility.HtmlEncode(Quote.shown(text));
}

/// <summary>What the compiler turns a template into.</summary>
[InterpolatedStringHandler]
internal readonly ref struct HtmlTemplate
{
    private readonly StringBuilder _markup;

    public HtmlTemplate(int literalLength, int formattedCount) => _markup = new(literalLength + (16 * formattedCount));

    public void AppendLiteral(string markup) => _markup.Append(markup);

    public void AppendFormatted(Html markup) => _markup.Append(markup.ToString());

    public void AppendFormatted(string? text) => _markup.Append(Html.Encoded(text ?? string.Empty));

    public void AppendFormatted(int number) => _markup.Append(number);

    public void AppendFormatted(ulong number) => _markup.Append(number);

    internal string Finish() => _markup.ToString();
}
