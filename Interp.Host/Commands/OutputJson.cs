using System.Text.Json.Serialization;
using Interp.Host.Results;

namespace Interp.Host.Commands;

internal sealed record CompletionsJson(IReadOnlyList<Completion> Completions);

internal sealed record LogitsJson(string Text, IReadOnlyList<IReadOnlyList<float>> Logits);

/// <param name="Patterns">[layer][head][pos][key_pos].</param>
internal sealed record AttentionJson(IReadOnlyList<IReadOnlyList<IReadOnlyList<IReadOnlyList<float>>>> Patterns);

/// <summary>A circuit; its matrix [vocab (source)][vocab (logit)] is left out where it was not asked for.</summary>
internal sealed record CircuitJson(
    double Score,
    IReadOnlyList<ComplexNumber> Eigenvalues,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<IReadOnlyList<float>>? Matrix);

internal sealed record HeadCircuitJson(
    int Layer,
    int Head,
    double Score,
    IReadOnlyList<ComplexNumber> Eigenvalues,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<IReadOnlyList<float>>? Matrix);

internal sealed record LayerCircuitJson(
    int Layer,
    double Score,
    IReadOnlyList<ComplexNumber> Eigenvalues,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<IReadOnlyList<float>>? Matrix);

internal sealed record CircuitsJson(
    CircuitJson DirectPath,
    [property: JsonPropertyName("ov")] IReadOnlyList<HeadCircuitJson> OV,
    [property: JsonPropertyName("ov_sum")] IReadOnlyList<LayerCircuitJson> OVSum)
{
    public static CircuitsJson Of(CircuitResults circuits, bool matrices)
    {
        return new(
            new(circuits.DirectPath.Score, circuits.DirectPath.Eigenvalues, Matrix(circuits.DirectPath)),
            [.. circuits.OV.Select(head => new HeadCircuitJson(head.Layer, head.Head, head.Score, head.Eigenvalues, Matrix(head)))],
            [.. circuits.OVSum.Select(layer => new LayerCircuitJson(layer.Layer, layer.Score, layer.Eigenvalues, Matrix(layer)))]);

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
    double FromPromptRate)
{
    public static EvaluationJson Of(EvaluationResults results) => new(
        results.Sequences, results.Loss, results.Floor, results.PerPositionLoss, results.Prompts, results.RepeatRate, results.FromPromptRate);
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
    [property: JsonPropertyName("ov_sum")] IReadOnlyList<double> OVSum);

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
    IReadOnlyList<Observation> Observations);

internal sealed record ReproductionJson(IReadOnlyList<ModelJson> Models, string Report);

/// <summary>The objects that <c>--json</c> prints, in snake_case. Other programs rely on them.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(CompletionsJson))]
[JsonSerializable(typeof(LogitsJson))]
[JsonSerializable(typeof(AttentionJson))]
[JsonSerializable(typeof(CircuitsJson))]
[JsonSerializable(typeof(EvaluationJson))]
[JsonSerializable(typeof(TrainingJson))]
[JsonSerializable(typeof(ReproductionJson))]
[JsonSerializable(typeof(RunsJson))]
[JsonSerializable(typeof(ComparisonJson))]
internal sealed partial class OutputJson : JsonSerializerContext;
