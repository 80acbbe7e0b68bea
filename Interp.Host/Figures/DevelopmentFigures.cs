using Interp.Host.Results;
using Interp.Host.Wording;
using ScottPlot;

namespace Interp.Host.Figures;

/// <summary>Loss and scores over training.</summary>
internal static class DevelopmentFigures
{
    /// <summary>Loss and scores over training.</summary>
    public static IReadOnlyList<Figure> Of(IReadOnlyList<Snapshot> snapshots, DevelopmentBaselines random)
    {
        var steps = snapshots.Select(snapshot => snapshot.Step).ToArray();
        return
        [
            Line("loss", "Held-out loss", "nats a letter", [One("loss", snapshot => snapshot.Loss)], null),
            Line("in-context-learning", "In-context learning", "last loss minus first (nats)", [One("score", snapshot => snapshot.InContextLearning)], random.InContextLearning),
            Line("direct-path", "Direct path", "eigenvalue score", [One("W_E W_U", snapshot => snapshot.DirectPath)], random.DirectPath),
            Line("ov", "OV circuits", "eigenvalue score", ByHead(snapshot => snapshot.OV), random.OV),
            Line("previous-token", "Attention to the letter before", "mean attention", ByHead(snapshot => snapshot.PreviousToken), random.PreviousToken),
            Line("induction", "Induction", "mean attention", ByHead(snapshot => snapshot.Induction), random.Induction),
            Line("copying", "Copying", "score", ByHead(snapshot => snapshot.Copying), random.Copying),
            .. random.Composition.SelectMany(kind => new[]
            {
                Line($"composition-{kind.Kind.ToLowerInvariant()}", $"{kind.Kind}-composition", "score", ByPair(kind.Kind, pair => pair.Score), kind.Score),
                Line($"composition-eigenvalues-{kind.Kind.ToLowerInvariant()}", $"{kind.Kind}-composition, eigenvalues", "eigenvalue score", ByPair(kind.Kind, pair => pair.EigenvalueScore), kind.EigenvalueScore),
            }),
        ];

        Figure Line(string name, string title, string y, IReadOnlyList<Series> series, NullDistribution? band) => new(
            $"develop-{name}",
            $"{title} at {steps.Length} steps of training. " + string.Join("; ", series.Select(line => $"{line.Name}: from {Words.Third(line.Values[0])} to {Words.Third(line.Values[^1])}")) + ".",
            640, 460,
            () => Charts.OverTraining(title, y, steps, series, band));

        Series One(string name, Func<Snapshot, double> score) => new(name, [.. snapshots.Select(score)], Palette.Of(0), LinePattern.Solid);

        Series[] ByHead(Func<Snapshot, IReadOnlyList<HeadScore>> scores) =>
            [.. scores(snapshots[0]).Select((head, index) => new Series(
                $"{head.Layer}.{head.Head}", [.. snapshots.Select(snapshot => scores(snapshot)[index].Score)], Palette.Of(head.Head), Pattern(head.Layer)))];

        // A colour for each earlier head: what matters is whom a head reads.
        Series[] ByPair(string kind, Func<PairScore, double> score)
        {
            var pairs = snapshots[0].Composition.Index().Where(entry => entry.Item.Kind == kind).ToArray();
            return [.. pairs.Select(pair => new Series(
                pair.Item.From.Head == pair.Item.To.Head ? $"from {pair.Item.From}" : string.Empty,
                [.. snapshots.Select(snapshot => score(snapshot.Composition[pair.Index]))],
                Palette.Of(pair.Item.From.Head),
                Pattern(pair.Item.From.Layer)))];
        }

        static LinePattern Pattern(int layer) => layer switch { 0 => LinePattern.Solid, 1 => LinePattern.Dashed, _ => LinePattern.Dotted };
    }
}
