using System.Numerics;
using System.Text.Json.Serialization;
using Interp.Host.Results;

namespace Interp.Host.Commands;

internal sealed record CompletionsJson(IReadOnlyList<Completion> Completions);

internal sealed record LogitsJson(string Text, IReadOnlyList<IReadOnlyList<float>> Logits);

/// <param name="Patterns">[layer][head][pos][key_pos].</param>
internal sealed record AttentionJson(IReadOnlyList<IReadOnlyList<IReadOnlyList<IReadOnlyList<float>>>> Patterns);

internal sealed record SpectrumJson(double Score, IReadOnlyList<ComplexNumber> Eigenvalues);

internal sealed record HeadSpectrumJson(int Layer, int Head, double Score, IReadOnlyList<ComplexNumber> Eigenvalues);

internal sealed record LayerScoreJson(int Layer, double Score);

internal sealed record CircuitsJson(
    SpectrumJson DirectPath,
    [property: JsonPropertyName("ov")] IReadOnlyList<HeadSpectrumJson> OV,
    [property: JsonPropertyName("ov_sum")] IReadOnlyList<LayerScoreJson> OVSum)
{
    public static CircuitsJson Of(CircuitSpectra spectra) => new(
        new(spectra.DirectPath.Score, Numbers(spectra.DirectPath.Eigenvalues)),
        [.. spectra.OV.Select(head => new HeadSpectrumJson(head.Layer, head.Head, head.Spectrum.Score, Numbers(head.Spectrum.Eigenvalues)))],
        [.. spectra.OVSum.Select(layer => new LayerScoreJson(layer.Layer, layer.Spectrum.Score))]);

    private static IReadOnlyList<ComplexNumber> Numbers(IEnumerable<Complex> eigenvalues) => [.. eigenvalues.Select(ComplexNumber.Of)];
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

internal sealed record TrainingJson(
    string Run,
    int Steps,
    double Loss,
    double HeldOutLoss,
    string WeightsSha256,
    double Seconds,
    StepTimeJson MsPerStep);

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
internal sealed partial class OutputJson : JsonSerializerContext;
