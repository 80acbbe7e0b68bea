using Interp.Runs.Results;
using Interp.Runs.Wording;

namespace Interp.Pictures;

/// <summary>Which heads feed which, and the path experiment.</summary>
internal static class CompositionFigures
{
    private const int Width = 540;
    private const int Height = 400;

    /// <summary>K-, Q- and V-composition with their eigenvalue scores, and the path experiment.</summary>
    public static IReadOnlyList<Figure> Of(string name, CompositionResults results, PublishedModel? study) =>
    [
        Paths($"{name}-paths", results, study),
        .. results.Scores.GroupBy(score => score.Kind).Select(kind => Scores($"{name}-{kind.Key}", kind.Key, [.. kind])),
        .. results.Scores.GroupBy(score => score.Kind).Select(kind => Eigenvalues($"{name}-eigenvalues-{kind.Key}", kind.Key, [.. kind])),
    ];

    private static Figure Paths(string name, CompositionResults results, PublishedModel? study)
    {
        // "direct+kq" cuts nothing, so it is the whole model once more.
        var paths = PathLoss.Of(results).Where(path => path.Name != "direct+kq").ToArray();
        return new(
            name,
            "Loss of the path experiment: " + string.Join("; ", paths.Select(path => $"{path.Name}, {Words.Nats(path.Loss)}")) + ".",
            Width, Height,
            () =>
            {
                var published = PathLoss.Of(study);
                var drawing = Charts.Bars(
                    "What queries and keys may read", "loss (nats a letter)",
                    [.. paths.Select(path => (Reading(path.Name), path.Loss, Palette.Of(path.Name == "full" ? 0 : 4)))], null);
                if (published is not null)
                {
                    foreach (var (place, path) in paths.Index())
                    {
                        if (drawing.Mark(
                            place, published.First(each => each.Name == path.Name).Loss, MarkerShape.OpenDiamond, 13, Palette.Ink, place == 0 ? "the study’s" : string.Empty) is { } mark)
                        {
                            mark.MarkerLineWidth = 2.2f;
                        }
                    }

                    drawing.LegendBelow();
                }

                return drawing;
            });
    }

    private static string Reading(string path) => path switch
    {
        "direct" => "embedding\nonly",
        "direct+k" => "keys read\nheads too",
        "direct+q" => "queries read\nheads too",
        _ => "both: the\nwhole model",
    };

    private static Figure Scores(string name, HeadInput kind, IReadOnlyList<CompositionScore> scores)
    {
        var random = scores[0].Norms.Null;
        return Grid(
            name, $"{Words.Input(kind)}-composition (random: {Words.Range(random)})", "score", scores, score => score.Norms.Score,
            Palette.Sequential, Extent.FromZero(scores.SelectMany(score => new[] { score.Norms.Score, score.Norms.Null.P975 })));
    }

    private static Figure Eigenvalues(string name, HeadInput kind, IReadOnlyList<CompositionScore> scores) => Grid(
        name, $"Eigenvalues, {Words.Input(kind)} (random: {Words.Range(scores[0].Eigenvalues.Null)})", "eigenvalue score", scores, score => score.Eigenvalues.Score,
        Palette.Diverging, Extent.Between(-1, 1));

    private static Figure Grid(
        string name, string title, string unit, IReadOnlyList<CompositionScore> scores, Func<CompositionScore, double> value, Colormap colormap, Extent range)
    {
        var from = scores.Select(score => score.From).Distinct().ToArray();
        var to = scores.Select(score => score.To).Distinct().ToArray();
        // Heads of one layer do not read each other: no number there.
        var values = to.Select(reader => (IReadOnlyList<double?>)[.. from.Select(writer =>
            scores.FirstOrDefault(score => score.From.Equals(writer) && score.To.Equals(reader)) is { } score ? value(score) : (double?)null)]).ToArray();
        return new(
            name,
            $"{title}: " + string.Join("; ", scores.Select(score => $"{score.From} to {score.To}, {Words.Third(value(score))}")) + ".",
            440, 380,
            () => Charts.Cells(
                title, "head that writes", "head that reads", unit, values, [.. to.Select(head => head.ToString())], [.. from.Select(head => head.ToString())],
                colormap, range, Words.Hundredth));
    }
}
