using Interp.Pictures;

namespace Interp.Host.Pages;

/// <summary>Pictures on the page: inlined, described, captioned, each with the command that makes it again.</summary>
internal sealed class FigureMarkup(IReadOnlyList<Picture> pictures)
{
    private readonly Dictionary<string, Picture> _pictures = pictures.ToDictionary(picture => picture.Figure.Name, StringComparer.Ordinal);

    /// <summary>One picture, as wide as it likes to be.</summary>
    public Html One(string name, Html caption, string command) => Html.Of($"""
        <figure class="one">
        {Image(name)}
        <figcaption>{caption}{Command(command)}</figcaption>
        </figure>

        """);

    /// <summary>Small multiples under one caption, at most <paramref name="columns"/> (2 or 3) side by side.</summary>
    public Html Grid(int columns, IEnumerable<string> names, Html caption, string command) => Html.Of($"""
        <figure class="grid">
        <div class="panels columns{columns}">{Html.Join(names, Image)}</div>
        <figcaption>{caption}{Command(command)}</figcaption>
        </figure>

        """);

    /// <summary>Small multiples, each with a caption of its own.</summary>
    public Html Captioned(int columns, IEnumerable<(string Name, Html Caption)> pictures, string command) => Html.Of($"""
        <figure class="grid">
        <div class="panels columns{columns}">{Html.Join(pictures, picture => Html.Of($"<div class=\"panel\">{Image(picture.Name)}<p>{picture.Caption}</p></div>"))}</div>
        <figcaption>{Command(command)}</figcaption>
        </figure>

        """);

    /// <summary>The line to type.</summary>
    public static Html Command(string command) =>
        Html.Of($"<span class=\"command\"><span class=\"hint\">Make it again:</span> <code>{command}</code></span>");

    private Html Image(string name)
    {
        return Html.Own(_pictures[name].Svg);
    }
}
