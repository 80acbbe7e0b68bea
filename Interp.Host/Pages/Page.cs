using Interp.Host.Wording;

namespace Interp.Host.Pages;

/// <summary>A chapter of a page.</summary>
/// <param name="Id">Its anchor.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Short">Its name in the table of contents.</param>
/// <param name="Body">What it says.</param>
internal sealed record Section(string Id, string Title, string Short, Html Body);

/// <summary>The shell of a self-contained page: style, table of contents, sections. It loads nothing and runs no script.</summary>
internal static class Page
{
    private static readonly Lazy<Html> Style = new(ReadStyle);

    public static Html Write(string title, Html header, IReadOnlyList<Section> sections, Html footer) => Html.Of($"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="generator" content="interp">
        <title>{title}</title>
        <link rel="icon" href="data:,">
        <style>{Style.Value}</style>
        </head>
        <body>
        <a class="skip" href="#main">Skip to the text</a>
        <header class="masthead">{header}</header>
        <nav class="contents" aria-label="Contents"><ol>{Html.Join(sections, section => Html.Of($"<li><a href=\"#{section.Id}\">{section.Short}</a></li>"))}</ol></nav>
        <main id="main">
        {NotFinite(sections)}{Html.Join(sections, Chapter)}
        </main>
        <footer class="colophon">{footer}</footer>
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

    private static Html ReadStyle()
    {
        using var stream = typeof(Page).Assembly.GetManifestResourceStream("report.css")
            ?? throw new InvalidOperationException("The program was built without its style sheet report.css.");
        using var reader = new StreamReader(stream);
        return Html.Own(reader.ReadToEnd() + Figures.FigureStyle.Css);
    }
}
