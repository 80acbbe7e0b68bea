namespace Interp.Pictures;

/// <summary>A picture still to be drawn. In pixels a figure is drawn at twice its size, for sharp screens and for print.</summary>
/// <param name="Name">The file name without its extension: <c>plain-ov-0-2</c>.</param>
/// <param name="Alt">What a reader who cannot see it should know.</param>
/// <param name="Width">In CSS pixels.</param>
/// <param name="Height">In CSS pixels.</param>
/// <param name="Draw">Makes the drawing anew: called once, on any thread.</param>
internal sealed record Figure(string Name, string Alt, int Width, int Height, Func<Drawing> Draw);

/// <summary>A figure as a PNG file and as an element of a page.</summary>
/// <param name="Figure">What was drawn.</param>
/// <param name="Scene">Everything with its place.</param>
/// <param name="Png">The file.</param>
internal sealed record Picture(Figure Figure, Scene Scene, byte[] Png)
{
    public string FileName => $"{Figure.Name}.png";

    /// <summary>What a reader who cannot see it should know.</summary>
    public string Alt => Scene.Plot.LeftOut.Length == 0 ? Figure.Alt : $"{Figure.Alt} {Scene.Plot.LeftOut}.";

    /// <summary>The element.</summary>
    public string Svg => SvgRenderer.Element(Scene, Figure.Name, Alt);
}

/// <summary>Draws figures, as many at a time as there are processors.</summary>
internal static class FigureRenderer
{
    /// <summary>The pictures, in the order of the figures.</summary>
    public static IReadOnlyList<Picture> Render(IReadOnlyList<Figure> figures) => [.. figures.AsParallel().AsOrdered().Select(Picture)];

    /// <summary>One figure as a file of some format.</summary>
    public static byte[] Render(Figure figure, PictureFormat format) => Render(new Picture(figure, Lay(figure), []), format);

    /// <summary>The same of one that is laid out already.</summary>
    public static byte[] Render(Picture picture, PictureFormat format) => format.Bytes(picture.Scene, picture.Alt);

    /// <summary>A figure laid out.</summary>
    public static Scene Lay(Figure figure) => Layout.Of(figure.Draw().Finish(), figure.Width, figure.Height);

    private static Picture Picture(Figure figure)
    {
        var scene = Lay(figure);
        return new(figure, scene, PictureFormat.Png.Bytes(scene, figure.Alt));
    }
}
