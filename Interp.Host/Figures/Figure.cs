namespace Interp.Host.Figures;

/// <summary>A picture still to be drawn. A figure is drawn at twice its size, for sharp screens and for print.</summary>
/// <param name="Name">The file name without its extension: <c>plain-ov-0-2</c>.</param>
/// <param name="Alt">What a reader who cannot see it should know.</param>
/// <param name="Width">In CSS pixels.</param>
/// <param name="Height">In CSS pixels.</param>
/// <param name="Draw">Makes the drawing anew: called once, on any thread.</param>
internal sealed record Figure(string Name, string Alt, int Width, int Height, Func<Drawing> Draw);

/// <summary>A figure as a PNG file.</summary>
/// <param name="Figure">What was drawn.</param>
/// <param name="Png">The file.</param>
/// <param name="LeftOut">The sentence about values that are not finite; empty where all are.</param>
internal sealed record Picture(Figure Figure, byte[] Png, string LeftOut)
{
    public string FileName => $"{Figure.Name}.png";

    /// <summary>What a reader who cannot see it should know.</summary>
    public string Alt => LeftOut.Length == 0 ? Figure.Alt : $"{Figure.Alt} {LeftOut}.";
}

/// <summary>Draws figures, as many at a time as there are processors.</summary>
internal static class FigureRenderer
{
    /// <summary>The pictures, in the order of the figures.</summary>
    public static IReadOnlyList<Picture> Render(IReadOnlyList<Figure> figures)
    {
        FigureFont.Use();
        return [.. figures.AsParallel().AsOrdered().Select(Png)];
    }

    /// <summary>One figure as a file of some format.</summary>
    public static byte[] Render(Figure figure, PictureFormat format)
    {
        FigureFont.Use();
        using var plot = figure.Draw().Finish();
        return format.Bytes(plot, figure.Width, figure.Height);
    }

    private static Picture Png(Figure figure)
    {
        var drawing = figure.Draw();
        using var plot = drawing.Finish();
        return new(figure, PictureFormat.Png.Bytes(plot, figure.Width, figure.Height), drawing.LeftOutSentence);
    }
}
