using Interp.Runs.Results;

namespace Interp.Pictures;

/// <summary>Every figure of a run, in the order in which the report shows them.</summary>
internal static class FigureSet
{
    public static IReadOnlyList<Figure> Of(IReadOnlyList<ModelResults> models) =>
    [
        LossFigures.LearningCurves(models),
        LossFigures.ByPosition(models),
        .. models.SelectMany(Of),
    ];

    /// <summary>The circuits and the attention of one model.</summary>
    public static IReadOnlyList<Figure> Of(ModelResults model) => [.. Circuits(model), .. Attention(model), .. Heads(model), .. Explanations(model)];

    /// <summary>What explanations explain; none where that is not measured.</summary>
    public static IReadOnlyList<Figure> Explanations(ModelResults model) =>
        model.Explanations is { } explanations ? ExplanationFigures.Of($"{model.Name}-explain", explanations) : [];

    /// <summary>Ablations, head scores and composition.</summary>
    public static IReadOnlyList<Figure> Heads(ModelResults model) =>
    [
        .. AblationFigures.Of($"{model.Name}-ablation", "Loss without a head", model.Ablations[0]),
        .. HeadScoreFigures.Of($"{model.Name}-heads", model.HeadScores),
        .. model.Composition is { } composition ? CompositionFigures.Of($"{model.Name}-composition", composition, model.Published) : [],
    ];

    public static IReadOnlyList<Figure> Circuits(ModelResults model)
    {
        var circuits = CircuitFigures.Circuits(model);
        return
        [
            .. circuits.Select(circuit => CircuitFigures.Eigenvalues(model, circuit)),
            .. circuits.Select(circuit => CircuitFigures.Matrix(model, circuit)),
        ];
    }

    public static IReadOnlyList<Figure> Attention(ModelResults model)
    {
        var heads =
            (from layer in Enumerable.Range(0, model.Attention.Patterns.Count)
             from head in Enumerable.Range(0, model.Attention.Patterns[layer].Count)
             select (Layer: layer, Head: head)).ToArray();
        return
        [
            .. heads.Select(place => AttentionFigures.Average(model, place.Layer, place.Head)),
            .. heads.Select(place => AttentionFigures.ColumnNormalised(model, place.Layer, place.Head)),
            .. Enumerable.Range(0, model.Attention.ByOffset.Count).Select(layer => AttentionFigures.ByOffset(model, layer)),
        ];
    }
}
