using System.Text.Json.Nodes;
using Interp.Host.Wording;

namespace Interp.Host.Pages;

/// <summary>A chapter of a page.</summary>
/// <param name="Id">Its anchor.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Short">Its name in the table of contents.</param>
/// <param name="Body">What it says.</param>
internal sealed record Section(string Id, string Title, string Short, Html Body);

/// <summary>The shell of a self-contained page: style, table of contents, sections. It loads nothing, and runs no script but the program's own.</summary>
internal static class Page
{
    /// <summary>The element that holds a live page's data.</summary>
    public const string DataId = "interp-data";

    private static readonly Lazy<string> Style = new(() => PageScripts.Read("report.css"));

    private static readonly Lazy<string> LiveStyle = new(() => $"{Style.Value}\n{PageScripts.Style}");

    /// <summary>A page to read.</summary>
    public static Html Write(string title, Html header, IReadOnlyList<Section> sections, Html footer) =>
        Write(title, header, sections, footer, Html.Own(Style.Value), Html.Empty, Html.Empty);

    /// <summary>
    /// A page to play with: its data, and the scripts that show them. Its content security policy allows these scripts and styles by their hashes, and
    /// nothing else: no other script, no request.
    /// </summary>
    public static Html WriteLive(string title, Html header, IReadOnlyList<Section> sections, Html footer, JsonObject data) => Write(
        title,
        header,
        sections,
        footer,
        Html.Own(LiveStyle.Value),
        Html.Of($"\n<meta http-equiv=\"Content-Security-Policy\" content=\"{Html.Own(Policy)}\">"),
        Html.Of($"\n<script type=\"application/json\" id=\"{DataId}\">{Html.Own(Data(data))}</script>\n<script type=\"module\">{Html.Own(PageScripts.Script)}</script>"));

    private static string Policy =>
        $"default-src 'none'; img-src data:; style-src {PageScripts.Hash(LiveStyle.Value)}; script-src {PageScripts.Hash(PageScripts.Script)}; base-uri 'none'; form-action 'none'";

    /// <summary>As text in which no tag can begin or end, whatever names there are in it.</summary>
    private static string Data(JsonObject data) =>
        System.Text.Encoding.UTF8.GetString(JsonText.Bytes(data)).Replace("<", "\\u003c", StringComparison.Ordinal);

    private static Html Write(string title, Html header, IReadOnlyList<Section> sections, Html footer, Html style, Html policy, Html scripts) => Html.Of($"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">{policy}
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="generator" content="interp">
        <title>{title}</title>
        <link rel="icon" href="data:,">
        <style>{style}</style>
        </head>
        <body>
        <a class="skip" href="#main">Skip to the text</a>
        <header class="masthead">{header}</header>
        <nav class="contents" aria-label="Contents"><ol>{Html.Join(sections, section => Html.Of($"<li><a href=\"#{section.Id}\">{section.Short}</a></li>"))}</ol></nav>
        <main id="main">
        {NotFinite(sections)}{Html.Join(sections, Chapter)}
        </main>
        <footer class="colophon">{footer}</footer>{scripts}
        </body>
        </html>

        """);

    /// <summary>What a reader should know where a figure on the page is not finite.</summary>
    private static Html NotFinite(IReadOnlyList<Section> sections) =>
        sections.Any(section => section.Body.ToString().Contains(Words.NotFinite, StringComparison.Ordinal))
            ? Html.Of($"<p class=\"note\">{Words.NotFiniteSentence}</p>\n")
            : Html.Empty;

    private static Html Chapter(Section section) => Html.Of($"""
        <section id="{section.Id}">
        <h2>{section.Title}</h2>
        {section.Body}
        </section>

        """);
}
