using Interp.Pictures;
using SkiaSharp;

namespace Interp.Benchmarks;

/// <summary>A series with what its sizes took at least.</summary>
internal sealed record GrowthCurve(GrowthSeries Series, IReadOnlyList<double> Times);

/// <summary>A small plot for each series, both axes logarithmic: what was measured, and the bounds of its arithmetic.</summary>
internal static class GrowthPicture
{
    private const int Columns = 3;
    private const int Width = 330;
    private const int Height = 280;

    private static readonly Color Measured = Palette.Of(0);
    private static readonly Color Bound = Palette.Of(1);

    /// <summary>The plots in rows, below a line that says what the lines are.</summary>
    public static byte[] Png(IReadOnlyList<GrowthCurve> curves)
    {
        var rows = (curves.Count + Columns - 1) / Columns;
        var columns = Math.Min(Columns, curves.Count);
        using var whole = new SKBitmap(columns * Width * PixelRenderer.Density, rows * Height * PixelRenderer.Density);
        using var canvas = new SKCanvas(whole);
        canvas.Clear(SKColors.White);
        foreach (var (index, curve) in curves.Index())
        {
            var figure = new Figure(curve.Series.Name, $"Time against {curve.Series.Name}", Width, Height, () => Draw(curve, legend: index == 0));
            using var panel = SKBitmap.Decode(FigureRenderer.Render(figure, PictureFormat.Png));
            canvas.DrawBitmap(panel, index % Columns * Width * PixelRenderer.Density, index / Columns * Height * PixelRenderer.Density);
        }

        using var data = whole.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    private static Drawing Draw(GrowthCurve curve, bool legend)
    {
        var points = curve.Series.Points;
        var drawing = new Drawing(curve.Series.Name, "", curve.Series.Unit);
        drawing.TitleSize(15);
        Bounds(point => point.WithExponentials, LinePattern.Dotted, "with exponentials");
        Bounds(point => point.Bound, LinePattern.Dashed, "multiply-adds alone");
        var measured = drawing.Line(points.Zip(curve.Times, (point, time) => (Math.Log2(point.Size), Math.Log2(time))), Measured, "measured");
        measured.LineWidth = 2.2f;
        measured.MarkerSize = 7;
        var times = points.Select(point => point.Bound).Concat(curve.Times).Select(Math.Log2).ToArray();
        Canvas.Ticks(drawing.Axes.Bottom, points.Select(point => (Math.Log2(point.Size), Size(point.Size))), 12);
        Canvas.Ticks(drawing.Axes.Left, Powers(times), 12);
        drawing.Show(Extent.Of(points.Select(point => Math.Log2(point.Size))).Padded(0.06, 0.06), Extent.Of(times).Padded(0.06, legend ? 0.5 : 0.08));
        if (legend)
        {
            drawing.Legend(Alignment.UpperLeft);
        }

        return drawing;

        void Bounds(Func<GrowthPoint, double> bound, LinePattern pattern, string name)
        {
            var line = drawing.Curve(points.Select(point => (Math.Log2(point.Size), Math.Log2(bound(point)))), Bound, name);
            line.LineWidth = 1.8f;
            line.LinePattern = pattern;
        }
    }

    private static string Size(int size) => size < 10_000 ? $"{size}" : size < 1_000_000 ? $"{size / 1000.0:0}k" : $"{size / 1e6:0.#}M";

    /// <summary>Powers of ten, with halves and doubles of them where there are few.</summary>
    private static IEnumerable<(double Position, string Label)> Powers(IReadOnlyCollection<double> logarithms)
    {
        var (low, high) = (Math.Pow(2, logarithms.Min()), Math.Pow(2, logarithms.Max()));
        double[] steps = high / low > 60 ? [1] : high / low > 12 ? [1, 3] : [1, 2, 5];
        return
            from power in Enumerable.Range(-6, 12)
            from step in steps
            let value = step * Math.Pow(10, power)
            where value >= low / 1.5 && value <= high * 1.5
            select (Math.Log2(value), $"{value:0.######}");
    }
}
