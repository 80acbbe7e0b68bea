using System.Text.Json.Nodes;
using Interp.Runs.Results;
using Interp.Runs.Wording;
using static Interp.Host.Json.Values;

namespace Interp.Host.Json;

/// <summary>What is measured on a model as JSON.</summary>
internal static class MeasurementJson
{
    /// <summary>Held-out loss, and how prompts are completed.</summary>
    public static JsonObject Of(Evaluation evaluation) => new()
    {
        ["sequences"] = evaluation.Reference.Sequences,
        ["loss"] = Number(evaluation.Loss),
        ["loss_standard_error"] = evaluation.LossStandardError is { Value: var lossError } ? Number(lossError) : null,
        ["floor"] = evaluation.Floor is { Value: var floor } ? Number(floor) : null,
        ["accuracy"] = Number(evaluation.Accuracy),
        ["accuracy_standard_error"] = evaluation.AccuracyStandardError is { Value: var accuracyError } ? Number(accuracyError) : null,
        ["per_position_loss"] = Numbers(evaluation.PerPositionLoss),
        ["prompts"] = evaluation.Prompts?.Value switch
        {
            { ByPattern: { Value: var patterns } } => new JsonObject { ["distinct"] = Of(patterns.Distinct), ["repeated"] = Of(patterns.Repeated) },
            { } prompts => new JsonObject { ["all"] = Of(prompts.All) },
            null => null,
        },
        ["repeat_rate"] = evaluation.Prompts is { Value: { All.Repeats: var repeats } } ? Number(repeats) : null,
        ["repeat_rate_standard_error"] = evaluation.Prompts is { Value: { All.Errors.Repeats: var repeatsError } } ? Number(repeatsError) : null,
        ["from_prompt_rate"] = evaluation.Prompts is { Value: { All.FromPrompt: var fromPrompt } } ? Number(fromPrompt) : null,
        ["from_prompt_rate_standard_error"] = evaluation.Prompts is { Value: { All.Errors.FromPrompt: var fromPromptError } } ? Number(fromPromptError) : null,
    };

    /// <summary>A loss in bits, where the task is of a text.</summary>
    public static JsonObject Bits(Task task, double loss) => Tasks.textUnit(task)?.Value is { } unit
        ? new() { [unit.IsBytes ? "bits_per_byte" : "bits_per_character"] = Number(Tasks.bits(loss)) }
        : [];

    /// <summary>A prompt and how it goes on.</summary>
    public static JsonObject Of(Vocabulary names, Completion completion) => new()
    {
        ["prompt"] = VocabularyModule.toText(names, completion.Prompt),
        ["completion"] = VocabularyModule.toText(names, completion.Written),
        ["expected"] = completion.Expected is { Value: var expected } ? VocabularyModule.toText(names, expected) : null,
    };

    /// <summary>Losses without heads.</summary>
    public static JsonObject Of(Ablations ablations) => new JsonObject { ["mode"] = ablations.Mode.ToString() }
        .With(On(ablations.Reference))
        .With("whole", Number(ablations.Whole))
        .With("heads", List(ablations.Heads, ablation => Head(ablation.Head)
            .With("loss", Number(ablation.Loss))
            .With("first_order", ablation.FirstOrder is { Value: var estimate } ? Number(estimate) : null)))
        .With("pairs", ablations.Pairs.IsEmpty ? null : List(ablations.Pairs, pair => new JsonObject
        {
            ["heads"] = List(pair.Heads, Head),
            ["loss"] = Number(pair.Loss),
        }));

    /// <summary>All heads' scores.</summary>
    public static JsonObject Of(ScoredHeads heads) => On(heads.Reference)
        .With("heads", List(heads.Heads, head => Head(head.Head)
            .With("copying", CircuitJson.Of(head.Copying))
            .With("blocks", List(head.Blocks, block => new JsonObject
            {
                ["block_length"] = block.BlockLength,
                ["previous_token"] = CircuitJson.Of(block.PreviousToken),
                ["duplicate_token"] = CircuitJson.Of(block.DuplicateToken),
                ["induction"] = CircuitJson.Of(block.Induction),
                ["prefix_matching"] = CircuitJson.Of(block.PrefixMatching),
                ["five_back"] = CircuitJson.Of(block.FiveBack),
                ["entropy"] = CircuitJson.Of(block.Entropy),
            }))))
        .With("in_context_learning", CircuitJson.Of(heads.InContextLearning));

    /// <summary>Composition, and the losses with paths cut.</summary>
    public static JsonObject Of(CompositionResults composition) => On(composition.Reference)
        .With("scores", List(composition.Scores, CircuitJson.Of))
        .With("paths", Paths(PathLoss.Of(composition)));

    /// <summary>Losses with paths cut, by name.</summary>
    public static JsonArray Paths(IEnumerable<PathLoss> paths) =>
        List(paths, path => new JsonObject { ["name"] = path.Name, ["loss"] = Number(path.Loss) });

    /// <summary>A part of the logits at a position.</summary>
    public static JsonObject Of(PathTerm term, int position) => new()
    {
        ["source"] = term.Source.ToString(),
        ["heads"] = List(term.Heads, Head),
        ["logits"] = Nested(TensorModule.select(0, position, term.Logits)),
    };

    /// <summary>What patching restores at a site, position by position.</summary>
    public static JsonObject Of(PatchedSite patched) => new()
    {
        ["site"] = patched.Site.ToString(),
        ["kind"] = patched.Kind,
        ["layer"] = patched.Layer,
        ["head"] = patched.Head,
        ["restored"] = Numbers(patched.Restored),
    };

    /// <summary>A model on its way; attention scores are on blocks of the length trained on, or the nearest.</summary>
    public static JsonObject Of(Snapshot snapshot, int blockLength)
    {
        return new()
        {
            ["step"] = snapshot.Step,
            ["loss"] = Number(snapshot.Loss),
            ["in_context_learning"] = Number(snapshot.InContextLearning),
            ["direct_path"] = Number(snapshot.Spectra.DirectPath.Score),
            ["ov"] = List(snapshot.Spectra.OV, head => Score(head.Head, head.Spectrum.Score)),
            ["previous_token"] = Scores(head => HeadScores.at(blockLength, head).PreviousToken),
            ["induction"] = Scores(head => HeadScores.at(blockLength, head).Induction),
            ["copying"] = Scores(head => head.Copying),
            ["composition"] = List(snapshot.Composition, pair => new JsonObject
            {
                ["kind"] = Words.Input(pair.Kind),
                ["from"] = Head(pair.From),
                ["to"] = Head(pair.To),
                ["norms"] = Number(pair.Norms),
                ["eigenvalues"] = Number(pair.Eigenvalues),
            }),
        };

        JsonArray Scores(Func<HeadScores<double>, double> score) => List(snapshot.Heads, head => Score(head.Head, score(head)));

        static JsonNode Score(HeadAddress head, double score) => Head(head).With("score", Number(score));
    }

    /// <summary>What random weights show of a snapshot's scores.</summary>
    public static JsonObject Of(SnapshotNulls nulls, int blockLength)
    {
        var head = nulls.Head?.Value;
        var block = head is null ? null : HeadScores.at(blockLength, head);
        return new()
        {
            ["in_context_learning"] = CircuitJson.Of(nulls.InContextLearning),
            ["direct_path"] = CircuitJson.Of(nulls.DirectPath),
            ["ov"] = nulls.OV?.Value is { } ov ? CircuitJson.Of(ov) : null,
            ["previous_token"] = block is null ? null : CircuitJson.Of(block.PreviousToken),
            ["induction"] = block is null ? null : CircuitJson.Of(block.Induction),
            ["copying"] = head is null ? null : CircuitJson.Of(head.Copying),
            ["composition"] = List(nulls.Composition, kind => new JsonObject
            {
                ["kind"] = Words.Input(kind.Item1),
                ["norms"] = CircuitJson.Of(kind.Item2),
                ["eigenvalues"] = CircuitJson.Of(kind.Item3),
            }),
        };
    }

    private static JsonObject Of(PromptRates rates) => new()
    {
        ["count"] = rates.Count,
        ["exact"] = Number(rates.Exact),
        ["letters"] = Number(rates.Letters),
        ["repeats"] = Number(rates.Repeats),
        ["from_prompt"] = Number(rates.FromPrompt),
        ["standard_errors"] = new JsonObject
        {
            ["exact"] = Number(rates.Errors.Exact),
            ["letters"] = Number(rates.Errors.Letters),
            ["repeats"] = Number(rates.Errors.Repeats),
            ["from_prompt"] = Number(rates.Errors.FromPrompt),
        },
    };
}
