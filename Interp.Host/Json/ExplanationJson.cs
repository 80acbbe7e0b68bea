using System.Text.Json.Nodes;
using Interp.Runs.Results;
using static Interp.Host.Json.Values;

namespace Interp.Host.Json;

/// <summary>Explanations as JSON.</summary>
internal static class ExplanationJson
{
    /// <summary>Everything that was found on explanations of a model.</summary>
    public static JsonObject Of(ExplanationResults results) => new()
    {
        ["model"] = new JsonObject
        {
            ["loss"] = Number(results.Loss?.Value),
            ["loss_error"] = Number(results.Loss?.Error),
            ["numbers"] = results.Numbers,
            ["parameters"] = results.Parameters,
        },
        ["explanations"] = List([.. results.Told, .. results.Forms], each => Of(results.Names, each)),
        ["ladder"] = List(results.Ladder, each => Of(results.Names, each)),
        ["letters"] = results.Letters is { } letters ? Of(letters) : null,
    };

    /// <summary>Something of each named explanation that is measured over training; null for those that are not of this kind of model.</summary>
    public static JsonObject? Of(IReadOnlyList<ExplainedOverTraining> explained, Func<ExplainedOverTraining, JsonNode?> write) => explained.Count == 0 ? null : new()
    {
        ["author"] = Of("author", explained, write),
        ["padlocks"] = Of("padlocks", explained, write),
        ["own_strengths"] = Of("own_strengths", explained, write),
    };

    private static JsonNode? Of(string key, IReadOnlyList<ExplainedOverTraining> explained, Func<ExplainedOverTraining, JsonNode?> write) =>
        explained.FirstOrDefault(each => each.Key == key) is { } found ? write(found) : null;

    private static JsonObject Of(Vocabulary names, JudgedExplanation explanation)
    {
        var judged = explanation.Judged;
        var found = judged.Faithfulness;
        return new()
        {
            ["name"] = judged.Name,
            ["explanation"] = explanation.Text,
            ["numbers"] = judged.Numbers,
            ["parts"] = List(explanation.Parts, part => new JsonObject { ["part"] = part.Part, ["form"] = part.Form, ["numbers"] = part.Numbers }),
            ["loss"] = Number(found.Loss.Value),
            ["loss_error"] = Number(found.Loss.Error),
            ["recovered"] = Number(found.Recovered?.Value),
            ["kl"] = Number(found.KL.Value),
            ["kl_error"] = Number(found.KL.Error),
            ["kl_back"] = Number(found.KLBack.Value),
            ["kl_back_error"] = Number(found.KLBack.Error),
            ["kl_nothing"] = Number(found.KLNothing),
            ["explained"] = Number(found.Explained.Value),
            ["explained_error"] = Number(found.Explained.Error),
            ["agreement"] = Number(found.Agreement.Value),
            ["agreement_error"] = Number(found.Agreement.Error),
            ["agreement_where_wrong"] = Number(found.AgreementWhereWrong?.Value.Value),
            ["agreement_where_wrong_error"] = Number(found.AgreementWhereWrong?.Value.Error),
            ["completed_alike"] = Number(judged.CompletedAlike?.Value.Value),
            ["completed_alike_error"] = Number(judged.CompletedAlike?.Value.Error),
            ["kl_by_position"] = List(found.KLByPosition, place => new JsonObject { ["position"] = place.Item1, ["kl"] = Number(place.Item2) }),
            ["elsewhere"] = new JsonObject
            {
                ["periods"] = Of(judged.Elsewhere.FirstOrDefault(texts => !Findings.isUnrelated(texts))),
                ["unrelated_blocks"] = Of(judged.Elsewhere.FirstOrDefault(Findings.isUnrelated)),
            },
            ["null"] = new JsonObject
            {
                ["kl"] = Of(judged.Null.Shuffled?.Value.KL),
                ["explained"] = Of(judged.Null.Shuffled?.Value.Explained),
                ["draws"] = judged.Null.Shuffled?.Value.Draws,
                ["seed"] = judged.Null.Shuffled?.Value.Seed,
                ["untrained"] = Number(judged.Null.Untrained?.Value),
                ["bigram_noise"] = Number(judged.Null.BigramNoise?.Value),
            },
            ["depends_on_ablation"] = Findings.dependsOnAblation(judged)?.Value,
            ["ablated"] = List(judged.Ablated, other => new JsonObject { ["by"] = other.By.ToString(), ["explained"] = Number(other.Explained) }),
            ["worst"] = List(found.Worst, text => new JsonObject { ["text"] = VocabularyModule.toText(names, text.Text), ["kl"] = Number(text.KL) }),
            ["notes"] = Texts(Notes(judged)),
        };
    }

    /// <summary>What null stands for where it is no figure.</summary>
    public static IEnumerable<string> Notes(Judged judged) =>
    [
        .. judged.Null.Shuffled is null ? ["It keeps nothing by letter, so there are no letters to shuffle for a null."] : Array.Empty<string>(),
        .. judged.Null.BigramNoise is null ? ["No model of this shape was trained on bigram-noise, so there is no null from one."] : Array.Empty<string>(),
        .. judged.Faithfulness.Recovered is null ? ["The model is less than 0.01 nats better than a constant, so that no share of that is recovered."] : Array.Empty<string>(),
        .. judged.Elsewhere.IsEmpty ? ["The task repeats no block, so there are no other texts to judge it on."] : Array.Empty<string>(),
    ];

    private static JsonObject? Of(Spread? spread) =>
        spread is null ? null : new() { ["mean"] = Number(spread.Mean), ["p05"] = Number(spread.P05), ["p95"] = Number(spread.P95) };

    private static JsonObject? Of(Elsewhere? texts) => texts is null ? null : new()
    {
        ["texts"] = texts.Texts,
        ["kl"] = Number(texts.KL.Value),
        ["kl_error"] = Number(texts.KL.Error),
        ["explained"] = Number(texts.Explained.Value),
        ["explained_error"] = Number(texts.Explained.Error),
        ["agreement"] = Number(texts.Agreement.Value),
        ["agreement_error"] = Number(texts.Agreement.Error),
    };

    private static JsonObject Of(HeadLetters letters) => new()
    {
        ["heads"] = List(letters.Heads, head => Head(head.Head).With("strengths", Numbers(head.Strengths))),
        ["largest_correlation"] = Number(letters.LargestCorrelation?.Value),
        ["draws"] = letters.Draws,
        ["seed"] = letters.Seed,
        ["all_below_zero_by_chance"] = Number(letters.AllBelowZeroByChance?.Value),
    };
}
