using Interp.Runs.Results;
using Interp.Runs.Wording;

namespace Interp.Pictures;

/// <summary>Loss and scores over training.</summary>
internal static class DevelopmentFigures
{
    /// <summary>Loss and scores over training.</summary>
    public static IReadOnlyList<Figure> Of(IReadOnlyList<Snapshot> snapshots, SnapshotNulls random, int blockLength)
    {
        var head = random.Head?.Value;
        var block = head is null ? null : HeadScores.at(blockLength, head);
        var steps = snapshots.Select(snapshot => snapshot.Step).ToArray();
        return
        [
            Line("loss", "Held-out loss", "nats a letter", [One("loss", snapshot => snapshot.Loss)], null),
            Line("in-context-learning", "In-context learning", "last loss minus first (nats)", [One("score", snapshot => snapshot.InContextLearning)], random.InContextLearning),
            Line("direct-path", "Direct path", "eigenvalue score", [One("W_E W_U", snapshot => snapshot.Spectra.DirectPath.Score)], random.DirectPath),
            .. head is null || block is null ? [] : OfHeads(head, block),
            .. random.Composition.SelectMany(kind => new[]
            {
                Line($"composition-{kind.Item1}", $"{Words.Input(kind.Item1)}-composition", "score", ByPair(kind.Item1, pair => pair.Norms), kind.Item2),
                Line($"composition-eigenvalues-{kind.Item1}", $"{Words.Input(kind.Item1)}-composition, eigenvalues", "eigenvalue score", ByPair(kind.Item1, pair => pair.Eigenvalues), kind.Item3),
            }),
        ];

        Figure[] OfHeads(HeadScores<NullDistribution> head, BlockScores<NullDistribution> block) =>
        [
            Line("ov", "OV circuits", "eigenvalue score", ByHead(snapshot => snapshot.Spectra.OV.Select(head => (head.Head, head.Spectrum.Score))), random.OV?.Value),
            Line("previous-token", "Attention to the letter before", "mean attention", ByHead(snapshot => snapshot.Heads.Select(head => (head.Head, HeadScores.at(blockLength, head).PreviousToken))), block.PreviousToken),
            Line("induction", "Induction", "mean attention", ByHead(snapshot => snapshot.Heads.Select(head => (head.Head, HeadScores.at(blockLength, head).Induction))), block.Induction),
            Line("copying", "Copying", "score", ByHead(snapshot => snapshot.Heads.Select(head => (head.Head, head.Copying))), head.Copying),
        ];

        Figure Line(string name, string title, string y, IReadOnlyList<Series> series, NullDistribution? band) => new(
            $"develop-{name}",
            $"{title} at {steps.Length} steps of training. " + string.Join("; ", series.Select(line => $"{line.Name}: from {Words.Third(line.Values.FirstOrDefault(double.NaN))} to {Words.Third(line.Values.LastOrDefault(double.NaN))}")) + ".",
            640, 460,
            () => Charts.OverTraining(title, y, steps, series, band));

        Series One(string name, Func<Snapshot, double> score) => new(name, [.. snapshots.Select(score)], Palette.Of(0), LinePattern.Solid);

        Series[] ByHead(Func<Snapshot, IEnumerable<(HeadAddress Head, double Score)>> scores) =>
            [.. snapshots.SelectMany(scores).GroupBy(score => score.Head, score => score.Score).Select(head => new Series(
                head.Key.ToString(), [.. head], Palette.Of(head.Key.Head), Pattern(head.Key.Layer)))];

        // A colour for each earlier head: what matters is whom a head reads.
        Series[] ByPair(HeadInput kind, Func<SnapshotPair, double> score)
        {
            var pairs = snapshots[0].Composition.Index().Where(entry => entry.Item.Kind.Equals(kind)).ToArray();
            return [.. pairs.Select(pair => new Series(
                pair.Item.From.Head == pair.Item.To.Head ? $"from {pair.Item.From}" : string.Empty,
                [.. snapshots.Select(snapshot => score(snapshot.Composition[pair.Index]))],
                Palette.Of(pair.Item.From.Head),
                Pattern(pair.Item.From.Layer)))];
        }

        static LinePattern Pattern(int layer) => layer switch { 0 => LinePattern.Solid, 1 => LinePattern.Dashed, _ => LinePattern.Dotted };
    }
}
