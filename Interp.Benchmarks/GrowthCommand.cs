namespace Interp.Benchmarks;

/// <summary>How the cost grows with each of the sizes, the others being the study's, beside what its arithmetic takes at the machine's peak.</summary>
internal static class GrowthCommand
{
    /// <summary>What its series are called.</summary>
    public static IEnumerable<string> Names => GrowthSeries.All(1, 1).Select(series => series.Name);

    public static int Run(string? picture, string? only)
    {
        var (gigaflops, gigaexponentials) = (Peak.Gigaflops(), StepArithmetic.Gigaexponentials());
        var all = GrowthSeries.All(gigaflops, gigaexponentials);
        var chosen = all.Where(series => only is null || series.Name == only).ToArray();
        Console.WriteLine($"FMA peak of one core: {gigaflops:0} GFLOP/s, {gigaexponentials:0.0} billion exponentials a second. Sizes of a series are timed in turn.");
        Console.WriteLine("Bound: the multiply-adds at that peak, and with the exponentials behind them. Memory: the values of sixteen sequences + sums of gradients.");
        Console.WriteLine();
        Console.WriteLine("| grows | size | of | min | median | bound | with exponentials | min a bound | memory |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
        var curves = chosen.Select(series => new GrowthCurve(series, Timed(series))).ToArray();
        if (picture is not null)
        {
            File.WriteAllBytes(picture, GrowthPicture.Png(curves));
            Console.WriteLine();
            Console.WriteLine($"Picture: {picture}");
        }

        return 0;
    }

    private static IReadOnlyList<double> Timed(GrowthSeries series)
    {
        var times = series.Points.Select(point => (Point: point, Time: point.Prepare(), Sample: new Sample())).ToArray();
        for (var round = 0; round < series.Rounds; round++)
        {
            foreach (var (_, time, sample) in times)
            {
                sample.Add([time()]);
            }
        }

        foreach (var (point, _, sample) in times)
        {
            Console.WriteLine(
                $"| {series.Name} | {point.Size:N0} | {series.Unit} | {Digits(sample.Min)} | {Digits(sample.Median)} | {Digits(point.Bound)} | {Digits(point.WithExponentials)} | {sample.Min / point.Bound:0.0} | {point.Memory} |");
        }

        return [.. times.Select(time => time.Sample.Min)];
    }

    private static string Digits(double value) => value < 0.0995 ? $"{value:0.0000}" : value < 9.95 ? $"{value:0.000}" : $"{value:0.0}";
}
