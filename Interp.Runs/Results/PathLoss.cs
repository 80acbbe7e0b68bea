namespace Interp.Runs.Results;

/// <summary>A row of the path experiment: the loss with some inputs of later layers cut off from earlier heads.</summary>
/// <param name="Name"><c>direct</c>, <c>direct+k</c>, <c>direct+q</c>, <c>direct+kq</c> or <c>full</c>.</param>
/// <param name="Queries">What queries read.</param>
/// <param name="Keys">What keys read.</param>
/// <param name="Loss">Nats a letter.</param>
internal sealed record PathLoss(string Name, string Queries, string Keys, double Loss)
{
    private const string Embedding = "embedding";
    private const string Everything = "everything";

    /// <summary>A path experiment's losses by name; <paramref name="whole"/> is the whole model's.</summary>
    public static IReadOnlyList<PathLoss> Of(PathExperiment paths, double whole) =>
    [
        new("direct", Embedding, Embedding, paths.Direct),
        new("direct+k", Embedding, Everything, paths.WithKeys),
        new("direct+q", Everything, Embedding, paths.WithQueries),
        new("direct+kq", Everything, Everything, paths.WithBoth),
        new("full", Everything, Everything, whole),
    ];

    /// <summary>Those of a model.</summary>
    public static IReadOnlyList<PathLoss> Of(CompositionResults results) => Of(results.Paths, results.Whole);

    /// <summary>The published ones; null where there are none.</summary>
    public static IReadOnlyList<PathLoss>? Of(PublishedModel? study) => study?.Paths?.Value is { } paths ? Of(paths, study.Loss) : null;
}
