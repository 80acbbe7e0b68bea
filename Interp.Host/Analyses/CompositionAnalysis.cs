using Interp.Host.Results;

namespace Interp.Host.Analyses;

/// <summary>How strongly heads feed those of later layers, and what a model loses without.</summary>
internal static class CompositionAnalysis
{
    /// <summary>Scores every pair of heads of different layers, and carries out the path experiment.</summary>
    public static CompositionResults Of(int threads, Task task, Model<Tensor> weights, Reference reference) =>
        Of(weights, reference, Experiments.paths(threads, task, weights, reference));

    /// <summary>The same with the path experiment, which was carried out already.</summary>
    public static CompositionResults Of(Model<Tensor> weights, Reference reference, PathExperiment paths) => new()
    {
        Sequences = reference.Sequences,
        Seed = reference.Seed,
        Scores = [.. Composition.scores(weights).Select(score => new CompositionResult
        {
            Kind = score.Kind.ToString().ToUpperInvariant(),
            From = HeadPlace.Of(score.From),
            To = HeadPlace.Of(score.To),
            Score = score.Score,
            Baseline = NullDistribution.Of(score.Baseline),
            Standing = score.Standing,
            EigenvalueScore = score.EigenvalueScore,
            EigenvalueBaseline = NullDistribution.Of(score.EigenvalueBaseline),
            EigenvalueStanding = score.EigenvalueStanding,
        })],
        Paths = PathLoss.Of(paths, whole: paths.WithBoth),
    };

    /// <summary>What queries and keys read in a row of the path experiment.</summary>
    public static (string Queries, string Keys) Reads(string path) => path switch
    {
        "direct" => ("embedding", "embedding"),
        "direct+k" => ("embedding", "everything"),
        "direct+q" => ("everything", "embedding"),
        _ => ("everything", "everything"),
    };
}
