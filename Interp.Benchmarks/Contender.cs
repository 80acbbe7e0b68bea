namespace Interp.Benchmarks;

/// <summary>A built program and what it took, row by row of a table.</summary>
internal sealed record Contender(Source Source)
{
    private readonly Dictionary<string, Sample> samples = [];

    /// <summary>The rows in the order in which they were first met.</summary>
    public List<string> Rows { get; } = [];

    public Sample? this[string row] => samples.GetValueOrDefault(row);

    public void Add(string row, double value)
    {
        if (!samples.TryGetValue(row, out var sample))
        {
            samples.Add(row, sample = new());
            Rows.Add(row);
        }

        sample.Add([value]);
    }

    /// <summary>A table of the last one's rows, beside the first where there are two; what that one does not tell stays empty.</summary>
    public static void Print(IReadOnlyList<Contender> contenders)
    {
        var (own, other) = (contenders[^1], contenders.Count > 1 ? contenders[0] : null);
        Console.WriteLine(other is null ? "| | min | median |" : $"| | {other.Source.Name} min | median | {own.Source.Name} min | median | ratio of minima |");
        Console.WriteLine(other is null ? "|---|---|---|" : "|---|---|---|---|---|---|");
        foreach (var row in own.Rows)
        {
            var (now, then) = (own[row]!, other?[row]);
            Console.WriteLine(
                other is null ? $"| {row} | {now.Min:0.000} | {now.Median:0.000} |"
                : then is null ? $"| {row} | | | {now.Min:0.000} | {now.Median:0.000} | |"
                : $"| {row} | {then.Min:0.000} | {then.Median:0.000} | {now.Min:0.000} | {now.Median:0.000} | {now.Min / then.Min:0.00} |");
        }
    }
}
