using ScottPlot;

namespace Interp.Host.Figures;

/// <summary>A picture still to be drawn. A figure is drawn at twice its size, for sharp screens and for print.</summary>
/// <param name="Name">The file name without its extension: <c>plain-ov-0-2</c>.</param>
/// <param name="Alt">What a reader who cannot see it should know.</param>
/// <param name="Width">In CSS pixels.</param>
/// <param name="Height">In CSS pixels.</param>
/// <param name="Draw">Makes the plot anew: called once, on any thread.</param>
internal sealed record Figure(string Name, string Alt, int Width, int Height, Func<Plot> Draw);

/// <summary>A figure as a PNG file.</summary>
internal sealed record Picture(Figure Figure, byte[] Png)
{
    public string FileName => $"{Figure.Name}.png";
}

/// <summary>Draws figures, as many at a time as there are processors.</summary>
internal static class FigureRenderer
{
    /// <summary>Pixels to a CSS pixel.</summary>
    private const int Density = 2;

    /// <summary>The pictures, in the order of the figures.</summary>
    public static IReadOnlyList<Picture> Render(IReadOnlyList<Figure> figures)
    {
        FigureFont.Use();
        return [.. figures.AsParallel().AsOrdered().Select(figure => new Picture(figure, Png(figure)))];
    }

    private static byte[] Png(Figure figure)
    {
        using var plot = figure.Draw();
        plot.ScaleFactor = Density;
        using var image = plot.GetImage(figure.Width * Density, figure.Height * Density);
        return image.GetImageBytes(ImageFormat.Png);
    }
}
