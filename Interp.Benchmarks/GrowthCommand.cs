using Interp.Pictures;
using Interp.Runs.Endings;

namespace Interp.Benchmarks;

/// <summary>How the step's time grows with each of the sizes, the others being the study's.</summary>
internal static class GrowthCommand
{
    private const int Rounds = 15;

    private sealed record Series(string Name, string Unit, int[] Sizes, Func<int, Configuration> Configuration);

    private static Series[] All() =>
    [
        new("batch", "sequences", [64, 128, 256, 512, 1024], batch => Workload.Study((Field.Batch, batch))),
        new("positions", "letters", [12, 24, 48, 96, 192], positions => Workload.Study((Field.Blocks, positions / 6))),
        new("d_model", "dimensions", [16, 32, 64, 128, 256], width => Workload.Study((Field.DModel, width))),
        new("heads", "heads", [1, 2, 4, 8, 16], heads => Workload.Study((Field.NHeads, heads))),
        new("layers", "layers", [1, 2, 3, 4, 6], layers => Workload.Study((Field.NLayers, layers))),
    ];

    public static int Run(string[] args)
    {
        string? picture = null;
        switch (args)
        {
            case []:
                break;
            case ["--out", var path]:
                picture = path;
                break;
            default:
                Console.Error.WriteLine("growth: expected nothing, or --out FILE.png.");
                return 2;
        }

        PictureFormat format;
        try
        {
            format = picture is null ? PictureFormat.Png : PictureFormat.Of("growth --out", picture);
        }
        catch (BadInputException refused)
        {
            Console.Error.WriteLine(refused.Message);
            return 2;
        }

        Console.WriteLine("Milliseconds a training step on one thread, minimum and median of rounds; the other sizes are the study's.");
        Console.WriteLine();
        Console.WriteLine("| grows | size | min | median | times the one before |");
        Console.WriteLine("|---|---|---|---|---|");
        var curves = new List<(string Name, double[] Factors, double[] Times)>();
        foreach (var series in All())
        {
            var minima = new List<double>();
            foreach (var size in series.Sizes)
            {
                var workload = Workload.Of(series.Configuration(size), threads: 1);
                var sample = new Sample();
                sample.Add(Enumerable.Range(0, Rounds).Select(_ => workload.Round()));
                var ratio = minima.Count == 0 ? "" : $"{sample.Min / minima[^1]:0.00}";
                Console.WriteLine($"| {series.Name} | {size} {series.Unit} | {sample.Min:0.000} | {sample.Median:0.000} | {ratio} |");
                minima.Add(sample.Min);
            }

            curves.Add((series.Name, [.. series.Sizes.Select(size => (double)size / series.Sizes[0])], [.. minima]));
        }

        if (picture is not null)
        {
            var figure = new Figure("growth", "Time of a training step against each size", 720, 480, () => Draw(curves));
            File.WriteAllBytes(picture, FigureRenderer.Render(figure, format));
            Console.WriteLine();
            Console.WriteLine($"Picture: {picture}");
        }

        return 0;
    }

    private static Drawing Draw(IReadOnlyList<(string Name, double[] Factors, double[] Times)> curves)
    {
        var drawing = new Drawing("Time of a training step", "size, as a multiple of the smallest (log scale)", "ms a step (log scale)");
        foreach (var (index, (name, factors, times)) in curves.Index())
        {
            var curve = drawing.Line(factors.Select(Math.Log2).Zip(times.Select(Math.Log2)), Palette.Of(index), name);
            curve.LineWidth = 2.4f;
            curve.MarkerSize = 8;
        }

        Canvas.Ticks(drawing.Axes.Bottom, Enumerable.Range(0, 6).Select(power => ((double)power, $"{1 << power}")));
        Canvas.Ticks(drawing.Axes.Left, Enumerable.Range(-4, 10).Select(power => ((double)power, $"{Math.Pow(2, power):0.####}")));
        drawing.Show(
            Extent.Of(curves.SelectMany(curve => curve.Factors).Select(Math.Log2)).Padded(0.05, 0.05),
            Extent.Of(curves.SelectMany(curve => curve.Times).Select(Math.Log2)).Padded(0.07, 0.07));
        drawing.Legend(Alignment.UpperLeft);
        return drawing;
    }
}
