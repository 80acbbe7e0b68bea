using System.Text.Json.Nodes;
using Interp.Pictures;
using Interp.Runs.Wording;

namespace Interp.Host.Pages;

/// <summary>A chapter of a page.</summary>
/// <param name="Id">Its anchor.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Short">Its name in the table of contents.</param>
/// <param name="Body">What it says.</param>
/// <param name="Detail">What stands in the appendix, folded, and is printed where a reader has unfolded it.</param>
internal sealed record Section(string Id, string Title, string Short, Html Body, Html Detail = default)
{
    public bool HasDetail => Detail != default;
}

/// <summary>The shell of a self-contained page: style, table of contents, sections. It loads nothing, and runs no script but the program's own.</summary>
internal static class Page
{
    /// <summary>The element that holds a live page's data.</summary>
    public const string DataId = "interp-data";

    private const string AppendixId = "appendix";

    private static readonly Lazy<string> Style = new(() => $"{PageScripts.Read("report.css")}\n{FigureStyle.Css}\n{PageScripts.Style}");

    /// <summary>A page to read: its figures say what one points at, and nothing else is live.</summary>
    public static Html Write(string title, Html header, IReadOnlyList<Section> sections, Html footer) =>
        Write(title, header, sections, footer, PageScripts.Reading, Html.Empty);

    /// <summary>A page with models in it that run: their data, and the scripts that show them.</summary>
    public static Html WriteLive(string title, Html header, IReadOnlyList<Section> sections, Html footer, JsonObject data) => Write(
        title,
        header,
        sections,
        footer,
        PageScripts.Script,
        Html.Of($"\n<script type=\"application/json\" id=\"{DataId}\">{Html.Own(Data(data))}</script>"));

    /// <summary>Allows the style and this script by their hashes, and nothing else: no other script, no request.</summary>
    private static string Policy(string script) =>
        $"default-src 'none'; img-src data:; style-src {PageScripts.Hash(Style.Value)}; script-src {PageScripts.Hash(script)}; base-uri 'none'; form-action 'none'";

    /// <summary>As text in which no tag can begin or end, whatever names there are in it.</summary>
    private static string Data(JsonObject data) =>
        System.Text.Encoding.UTF8.GetString(JsonText.Bytes(data)).Replace("<", "\\u003c", StringComparison.Ordinal);

    private static Html Write(string title, Html header, IReadOnlyList<Section> sections, Html footer, string script, Html data) => Html.Of($"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="{Html.Own(Policy(script))}">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="generator" content="interp">
        <title>{title}</title>
        <link rel="icon" href="data:,">
        <style>{Html.Own(Style.Value)}</style>
        </head>
        <body>
        <a class="skip" href="#main">Skip to the text</a>
        <header class="masthead">{header}</header>
        <nav class="contents" aria-label="Contents"><ol>{Html.Join(sections, Entry)}{(sections.Any(section => section.HasDetail) ? Html.Of($"<li><a href=\"#{AppendixId}\">Appendix</a></li>") : Html.Empty)}</ol></nav>
        <main id="main">
        {NotFinite(sections)}{Html.Join(sections, Chapter)}{Appendix([.. sections.Where(section => section.HasDetail)])}
        </main>
        <footer class="colophon">{footer}</footer>{data}
        <script type="module">{Html.Own(script)}</script>
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
        {(section.HasDetail ? Html.Of($"<p class=\"more\"><a href=\"#{section.Id}-detail\">{section.Short} in detail, in the appendix</a></p>\n") : Html.Empty)}</section>

        """);

    private static Html Entry(Section section) => Html.Of($"<li><a href=\"#{section.Id}\">{section.Short}</a></li>");

    /// <summary>An anchor within what is folded, as browsers unfold what a link leads into.</summary>
    private static Html Appendix(IReadOnlyList<Section> sections) => sections.Count == 0 ? Html.Empty : Html.Of($"""
        <section id="{AppendixId}">
        <h2>Appendix</h2>
        <p class="note">Maps and tables behind the story, folded; what is unfolded is printed, too.</p>
        {Html.Join(sections, section => Html.Of($"""
            <details class="folded">
            <summary>{section.Title}</summary>
            <div id="{section.Id}-detail">
            {section.Detail}
            </div>
            </details>

            """))}
        </section>

        """);
}
