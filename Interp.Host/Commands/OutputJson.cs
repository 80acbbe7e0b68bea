using System.Text.Json.Serialization;
using Interp.Host.Results;

namespace Interp.Host.Commands;

/// <param name="Completions">A completion for each prompt.</param>
/// <param name="Interventions">As they are written on the command line; left out where there are none.</param>
internal sealed record CompletionsJson(
    IReadOnlyList<Completion> Completions,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Interventions);

internal sealed record LogitsJson(
    string Text,
    IReadOnlyList<IReadOnlyList<float>> Logits,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Interventions);

/// <param name="Patterns">[layer][head][pos][key_pos].</param>
internal sealed record AttentionJson(IReadOnlyList<IReadOnlyList<IReadOnlyList<IReadOnlyList<float>>>> Patterns);

/// <summary>A circuit; its matrix [vocab (source)][vocab (logit)] is left out where it was not asked for.</summary>
internal sealed record CircuitJson(
    double Score,
    NullDistribution Baseline,
    double Standing,
    IReadOnlyList<ComplexNumber> Eigenvalues,
    IReadOnlyList<double> SingularValues,
    ComparedScore Trace,
    ComparedScore DiagonalShare,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<IReadOnlyList<float>>? Matrix);

internal sealed record HeadCircuitJson(
    int Layer,
    int Head,
    double Score,
    NullDistribution Baseline,
    double Standing,
    IReadOnlyList<ComplexNumber> Eigenvalues,
    IReadOnlyList<double> SingularValues,
    ComparedScore Trace,
    ComparedScore DiagonalShare,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<IReadOnlyList<float>>? Matrix);

internal sealed record LayerCircuitJson(
    int Layer,
    double Score,
    NullDistribution Baseline,
    double Standing,
    IReadOnlyList<ComplexNumber> Eigenvalues,
    IReadOnlyList<double> SingularValues,
    ComparedScore Trace,
    ComparedScore DiagonalShare,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<IReadOnlyList<float>>? Matrix);

internal sealed record CircuitsJson(
    CircuitJson DirectPath,
    [property: JsonPropertyName("ov")] IReadOnlyList<HeadCircuitJson> OV,
    [property: JsonPropertyName("ov_sum")] IReadOnlyList<LayerCircuitJson> OVSum)
{
    public static CircuitsJson Of(CircuitResults circuits, bool matrices)
    {
        var direct = circuits.DirectPath;
        return new(
            new(direct.Score, direct.Baseline, direct.Standing, direct.Eigenvalues, direct.SingularValues, direct.Trace, direct.DiagonalShare, Matrix(direct)),
            [.. circuits.OV.Select(head => new HeadCircuitJson(
                head.Layer, head.Head, head.Score, head.Baseline, head.Standing, head.Eigenvalues, head.SingularValues, head.Trace, head.DiagonalShare, Matrix(head)))],
            [.. circuits.OVSum.Select(layer => new LayerCircuitJson(
                layer.Layer, layer.Score, layer.Baseline, layer.Standing, layer.Eigenvalues, layer.SingularValues, layer.Trace, layer.DiagonalShare, Matrix(layer)))]);

        IReadOnlyList<IReadOnlyList<float>>? Matrix(Circuit circuit) => matrices ? circuit.Matrix : null;
    }
}

internal sealed record EvaluationJson(
    int Sequences,
    double Loss,
    double Floor,
    IReadOnlyList<double> PerPositionLoss,
    PromptKinds Prompts,
    double RepeatRate,
    double FromPromptRate,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Interventions)
{
    public static EvaluationJson Of(EvaluationResults results, IReadOnlyList<string>? interventions = null) => new(
        results.Sequences, results.Loss, results.Floor, results.PerPositionLoss, results.Prompts, results.RepeatRate, results.FromPromptRate, interventions);
}

internal sealed record StepTimeJson(double Min, double Median);

/// <summary>The loss is null where the metrics of a run that went on were lost, the time of a step where no step was left to take.</summary>
internal sealed record TrainingJson(
    string Run,
    int Steps,
    double? Loss,
    double HeldOutLoss,
    string WeightsSha256,
    double Seconds,
    StepTimeJson? MsPerStep);

/// <summary>A run as it stands; what it is and how far it is are null where its configuration cannot be read.</summary>
internal sealed record RunJson(
    string Run,
    string? What,
    DateTimeOffset? Started,
    int? Step,
    int? Steps,
    double? Loss,
    double? HeldOutLoss,
    string State,
    string? Problem);

internal sealed record RunsJson(IReadOnlyList<RunJson> Runs);

internal sealed record ScoresJson(
    double DirectPath,
    NullDistribution DirectPathBaseline,
    [property: JsonPropertyName("ov_sum")] IReadOnlyList<double> OVSum,
    [property: JsonPropertyName("ov_sum_baseline")] NullDistribution OVSumBaseline);

/// <summary>A run beside others: its evaluation and scores are of the weights after <c>step</c> steps, its loss is a mean over the last training steps.</summary>
internal sealed record ComparedRunJson(
    string Run,
    string What,
    string State,
    int Step,
    int Steps,
    double? Loss,
    string WeightsSha256,
    EvaluationJson Evaluation,
    ScoresJson Scores);

internal sealed record ComparisonJson(string Figure, IReadOnlyList<ComparedRunJson> Runs);

internal sealed record AblationJson(
    string Mode,
    double Baseline,
    IReadOnlyList<HeadLoss> Heads,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<PairLoss>? Pairs,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Pictures);

internal sealed record CompositionJson(
    IReadOnlyList<CompositionResult> Scores,
    IReadOnlyList<PathLoss> Paths,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Pictures);

internal sealed record HeadsJson(
    int Sequences,
    ulong Seed,
    IReadOnlyList<HeadResults> Heads,
    ComparedScore InContextLearning,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Pictures);

/// <param name="Text">What the model reads.</param>
/// <param name="Position">Whose prediction is taken apart.</param>
/// <param name="Logits">[vocab]: the sum of <paramref name="Direct"/>, and of <paramref name="Paths"/>.</param>
/// <param name="Direct">What the embedding (no heads) and each head write directly.</param>
/// <param name="Paths">Paths from the embedding through the values of no head, one head or several.</param>
/// <param name="Pictures">Where pictures went.</param>
internal sealed record AttributionJson(
    string Text,
    int Position,
    IReadOnlyList<float> Logits,
    IReadOnlyList<LogitTerm> Direct,
    IReadOnlyList<LogitTerm> Paths,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Pictures);

internal sealed record PatchJson(
    string Clean,
    string Corrupt,
    string Answer,
    string Wrong,
    double CleanDifference,
    double CorruptDifference,
    IReadOnlyList<PatchedSite> Sites,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Pictures);

internal sealed record LensJson(
    string Text,
    IReadOnlyList<LensLayer> Layers,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Pictures);

internal sealed record DevelopmentJson(
    string Run,
    DevelopmentBaselines Baselines,
    IReadOnlyList<Snapshot> Snapshots,
    IReadOnlyList<string> Pictures);

internal sealed record ModelJson(
    string Name,
    string Checkpoint,
    double Loss,
    double HeldOutLoss,
    double Floor,
    string WeightsSha256,
    CircuitsJson Circuits,
    IReadOnlyList<Completion> Completions,
    EvaluationJson Evaluation,
    IReadOnlyList<AblationResults> Ablations,
    HeadScoreResults HeadScores,
    CompositionResults? Composition,
    IReadOnlyList<ClaimOutcomeJson> Claims);

internal sealed record ReproductionJson(IReadOnlyList<ModelJson> Models, string Report);

/// <summary>The objects that <c>--json</c> prints, in snake_case. Other programs rely on them.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(CompletionsJson))]
[JsonSerializable(typeof(LogitsJson))]
[JsonSerializable(typeof(AttentionJson))]
[JsonSerializable(typeof(CircuitsJson))]
[JsonSerializable(typeof(EvaluationJson))]
[JsonSerializable(typeof(AblationJson))]
[JsonSerializable(typeof(CompositionJson))]
[JsonSerializable(typeof(HeadsJson))]
[JsonSerializable(typeof(AttributionJson))]
[JsonSerializable(typeof(PatchJson))]
[JsonSerializable(typeof(LensJson))]
[JsonSerializable(typeof(DevelopmentJson))]
[JsonSerializable(typeof(TrainingJson))]
[JsonSerializable(typeof(ReproductionJson))]
[JsonSerializable(typeof(RunsJson))]
[JsonSerializable(typeof(ComparisonJson))]
internal sealed partial class OutputJson : JsonSerializerContext;
