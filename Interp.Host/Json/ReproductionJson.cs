using System.Text.Json.Nodes;
using Interp.Runs.Files;
using Interp.Runs.Results;
using Interp.Runs.Wording;
using static Interp.Host.Json.Values;

namespace Interp.Host.Json;

/// <summary>The outcome of <c>interp reproduce</c> as JSON: results.json, and what the command prints.</summary>
internal static class ReproductionJson
{
    /// <summary>results.json, without white space.</summary>
    public static byte[] Bytes(Reproduction reproduction, ReportTimings timings) => JsonText.Bytes(Of(reproduction).With("timings", Of(timings)));

    /// <summary>How long it took, beside the models' own timings.</summary>
    public static JsonObject Of(ReportTimings timings) => new()
    {
        ["picture_seconds"] = Number(timings.PictureSeconds),
        ["page_seconds"] = Number(timings.PageSeconds),
    };

    /// <summary>A model in short, for the command's one object; losses step by step, patterns and matrices are in results.json.</summary>
    public static JsonObject Short(ModelResults model, string checkpoint) => new()
    {
        ["name"] = model.Name,
        ["checkpoint"] = checkpoint,
        ["loss"] = Number(model.Loss),
        ["held_out_loss"] = Number(model.HeldOutLoss),
        ["floor"] = Number(model.Floor),
        ["weights_sha256"] = model.WeightsSha256,
        ["circuits"] = CircuitJson.Of(model.Circuits, model.Positions, matrices: false),
        ["completions"] = List(model.Completions, completion => MeasurementJson.Of(Tasks.study.Tokens, completion)),
        ["evaluation"] = MeasurementJson.Of(model.Evaluation),
        ["ablations"] = List(model.Ablations, MeasurementJson.Of),
        ["head_scores"] = MeasurementJson.Of(model.HeadScores),
        ["composition"] = model.Composition is { } composition ? MeasurementJson.Of(composition) : null,
        ["timings"] = Of(model.Timings),
        ["claims"] = List(model.Outcomes, ClaimJson.Of),
    };

    private static JsonObject Of(Reproduction reproduction) => new()
    {
        ["run"] = new JsonObject
        {
            ["version"] = reproduction.Run.Version,
            ["command"] = reproduction.Run.Command,
            ["seed"] = reproduction.Run.Seed,
            ["steps"] = reproduction.Run.Steps,
            ["threads"] = reproduction.Run.Threads,
            ["started"] = reproduction.Run.Started,
            ["seconds"] = Number(reproduction.Run.Seconds),
        },
        ["models"] = List(reproduction.Models, Of),
    };

    private static JsonObject Of(ModelResults model) => new()
    {
        ["name"] = model.Name,
        ["checkpoint"] = model.Checkpoint,
        ["configuration"] = ConfigurationFile.Node(model.Configuration).With("smeared", model.Configuration.Architecture.Smear.IsKeys),
        ["weights_sha256"] = model.WeightsSha256,
        ["loss"] = Number(model.Loss),
        ["held_out_loss"] = Number(model.HeldOutLoss),
        ["floor"] = Number(model.Floor),
        ["training_losses"] = Numbers(model.TrainingLosses),
        ["held_out_losses"] = List(model.HeldOutLosses, point => new JsonObject { ["step"] = point.Step, ["loss"] = Number(point.Loss) }),
        ["completions"] = List(model.Completions, completion => MeasurementJson.Of(Tasks.study.Tokens, completion)),
        ["circuits"] = CircuitJson.Of(model.Circuits, model.Positions, matrices: true),
        ["attention"] = On(model.Attention.Reference)
            .With("patterns", List(model.Attention.Averages, Nested))
            .With("by_offset", List(model.Attention.Averages, average => Nested(Attention.byOffset(average)))),
        ["evaluation"] = MeasurementJson.Of(model.Evaluation).With("seed", model.Evaluation.Reference.Seed),
        ["ablations"] = List(model.Ablations, MeasurementJson.Of),
        ["head_scores"] = MeasurementJson.Of(model.HeadScores),
        ["composition"] = model.Composition is { } composition ? MeasurementJson.Of(composition) : null,
        ["explanations"] = model.Explanations is { } explanations ? ExplanationJson.Of(explanations) : null,
        ["smear"] = model.Smear is { } smear ? List(smear, Nested) : null,
        ["timings"] = Of(model.Timings),
        ["quantities"] = Of(model.Quantities),
        ["claims"] = List(model.Outcomes, ClaimJson.Of),
        ["published"] = model.Published is { } published ? ClaimJson.Of(published) : null,
    };

    private static JsonObject Of(Timings timings) => new()
    {
        ["training_seconds"] = Number(timings.TrainingSeconds),
        ["median_milliseconds_per_step"] = Number(timings.MedianMillisecondsPerStep),
        ["analysis_seconds"] = Number(timings.AnalysisSeconds),
        ["measurement_seconds"] = Number(timings.MeasurementSeconds),
        ["null_seconds"] = Number(timings.NullSeconds),
        ["ablation_seconds"] = Number(timings.AblationSeconds),
        ["explanation_seconds"] = Number(timings.ExplanationSeconds),
        ["live_seconds"] = Number(timings.LiveSeconds),
    };

    private static JsonObject Of(IEnumerable<KeyValuePair<Quantity, double>> quantities)
    {
        var json = new JsonObject();
        foreach (var (quantity, value) in quantities)
        {
            json.Add(quantity.ToString(), Number(value));
        }

        return json;
    }
}
