using System.Text.Json.Nodes;
using Interp.Host.Json;
using Interp.Runs.Surroundings;
using static Interp.Host.Json.Values;

namespace Interp.Host.Explorer;

/// <summary>What a page's scripts read.</summary>
internal static class ExploreJson
{
    /// <summary>The version of this form of data.</summary>
    private const int Version = 1;

    /// <summary>All models of a page.</summary>
    public static JsonObject Of(IEnumerable<ExploredModel> models)
    {
        var texts = new Dictionary<string, int>(StringComparer.Ordinal);
        return new()
        {
            ["version"] = Version,
            ["program"] = $"interp {Product.Version}",
            ["models"] = List(models.Index(), model => Of(model.Item, model.Item.Texts is { } own ? Once(texts, model.Index, own) : null)),
        };
    }

    /// <summary>Texts, or which earlier model has the same: they are a fifth of a small model.</summary>
    private static JsonObject Once(Dictionary<string, int> known, int model, ExploredTexts texts)
    {
        var json = Of(texts.Reference, "tokens", Packed.Tokens(texts.Sequences));
        return known.TryAdd(json.ToJsonString(), model) ? json : new() { ["as"] = known[json.ToJsonString()] };
    }

    /// <summary>One model.</summary>
    private static JsonObject Of(ExploredModel model, JsonObject? texts) => new()
    {
        ["name"] = model.Name,
        ["path"] = model.Path,
        ["architecture"] = Of(model.Given.Architecture),
        ["tokens"] = Of(model.Given.Names),
        ["task"] = model.Texts is null ? null : Of(model.Given.Task),
        ["prompt"] = List(model.Prompt, token => JsonValue.Create(token)),
        ["texts"] = texts,
        ["mean_over"] = model.Texts is { } means ? Of(means.MeanOver) : null,
        ["explanations"] = List(model.Explanations.Index(), offered => new JsonObject
        {
            ["name"] = offered.Item.Name,
            ["text"] = offered.Item.Text,
            ["numbers"] = offered.Item.Numbers,
        }.With(ExportedJson.Said(model.Snapshots[^1].Explanations[offered.Index]))),
        ["nulls"] = Of(model.Nulls),
        ["snapshots"] = List(model.Snapshots, snapshot => Of(model, snapshot)),
    };

    private static JsonObject Of(Architecture architecture) => new()
    {
        ["n_layers"] = architecture.NLayers,
        ["n_heads"] = architecture.NHeads,
        ["d_model"] = architecture.DModel,
        ["d_head"] = architecture.DHead,
        ["d_vocab"] = architecture.DVocab,
        ["n_ctx"] = architecture.NCtx,
        ["positions"] = architecture.Positions.ToString(),
        ["smear"] = architecture.Smear.ToString(),
    };

    /// <summary>Names of tokens, and what stands for them in a text where that is something else.</summary>
    private static JsonObject Of(Vocabulary names)
    {
        var all = names.Names.ToArray();
        var written = all.Select((_, token) => VocabularyModule.written(names, token)).ToArray();
        return new()
        {
            ["names"] = Texts(all),
            ["written"] = written.AsSpan().SequenceEqual(all) ? null : Texts(written),
            ["separator"] = VocabularyModule.separator(names),
        };
    }

    private static JsonObject Of(Task task) => new()
    {
        ["name"] = task.Name,
        ["length"] = task.Length,
        ["counted"] = List(Enumerable.Range(0, task.Length), place => JsonValue.Create(task.Counted.Contains(place))),
        ["floor"] = TaskModule.floor(task) is { Value: var floor } ? Number(floor) : null,
        ["block_length"] = Tasks.repetition(task) is { Value: var repetition } ? repetition.BlockLength : null,
    };

    /// <summary>A seed may be greater than a script's numbers are whole.</summary>
    private static JsonObject Of(Reference reference) => new() { ["sequences"] = reference.Sequences, ["seed"] = reference.Seed.ToString() };

    private static JsonObject Of(Reference reference, string name, string packed) => Of(reference).With(name, packed);

    private static JsonObject Of(ExploredNulls random) => new()
    {
        ["direct"] = CircuitJson.Of(random.DirectPath),
        ["ov"] = random.OV is { } ov ? CircuitJson.Of(ov) : null,
        ["ov_sum"] = random.OVSum is { } sum ? CircuitJson.Of(sum) : null,
        ["composition"] = ByKind(random, kind => kind.Norms),
        ["composition_eigenvalues"] = ByKind(random, kind => kind.Eigenvalues),
    };

    private static JsonObject? ByKind(ExploredNulls random, Func<(HeadInput Kind, NullDistribution Norms, NullDistribution Eigenvalues), NullDistribution> which) =>
        random.Composition.Count == 0
            ? null
            : new(random.Composition.Select(kind => KeyValuePair.Create(kind.Kind.ToString(), (JsonNode?)CircuitJson.Of(which(kind)))));

    private static JsonObject Of(ExploredModel model, ExploredSnapshot snapshot) => new()
    {
        ["step"] = snapshot.Step,
        ["weights"] = Packed.Floats(ModelModule.leaves(snapshot.Weights)),
        ["means"] = snapshot.Means.Count == 0 ? null : Packed.Floats(snapshot.Means),
        ["circuits"] = new JsonObject
        {
            ["direct"] = Of(snapshot.Spectra.DirectPath),
            ["ov"] = List(snapshot.Spectra.OV, head => Head(head.Head).With(Of(head.Spectrum))),
            ["ov_sum"] = List(snapshot.Spectra.OVSum, layer => new JsonObject { ["layer"] = layer.Layer }.With(Of(layer.Spectrum))),
        },
        ["scores"] = List(snapshot.Heads, head => Of(model.Given.Task, head)),
        ["letters"] = snapshot.Letters is { } letters
            ? List(letters.Heads, head => Head(head.Head).With("strengths", Rounded(head.Strengths)))
            : null,
        ["composition"] = List(snapshot.Composition, pair => new JsonObject
        {
            ["kind"] = pair.Kind.ToString(),
            ["from"] = Head(pair.From),
            ["to"] = Head(pair.To),
            ["score"] = Rounded(pair.Norms),
            ["eigenvalue_score"] = Rounded(pair.Eigenvalues),
        }),
        ["loss"] = Number(snapshot.Loss),
        ["averages"] = List(ExportedJson.Averages(snapshot.Explanations), average => Packed.Floats(average.ToArray())),
        ["explanations"] = ExportedJson.Kept(snapshot.Explanations),
    };

    private static JsonObject Of(Spectrum spectrum) => new()
    {
        ["score"] = Rounded(spectrum.Score),
        ["eigenvalues"] = List(spectrum.Eigenvalues, value => new JsonArray(Rounded(value.Real), Rounded(value.Imaginary))),
    };

    /// <summary>A head's scores on blocks of the task's length, or of the one nearest to it; without those of attention where no block fits.</summary>
    private static JsonObject Of(Task task, HeadScores<double> scores)
    {
        var json = Head(scores.Head).With("copying", Rounded(scores.Copying));
        if (scores.Blocks.IsEmpty)
        {
            return json;
        }

        var block = HeadScores.at(Tasks.repetition(task)?.Value.BlockLength ?? Tasks.standardBlock, scores);
        return json.With(new JsonObject
        {
            ["block_length"] = block.BlockLength,
            ["previous_token"] = Rounded(block.PreviousToken),
            ["duplicate_token"] = Rounded(block.DuplicateToken),
            ["induction"] = Rounded(block.Induction),
            ["prefix_matching"] = Rounded(block.PrefixMatching),
            ["five_back"] = Rounded(block.FiveBack),
            ["entropy"] = Rounded(block.Entropy),
        });
    }

    /// <summary>With the digits that single precision has: half as long.</summary>
    private static JsonNode Rounded(double value) => JsonValue.Create((float)value);

    private static JsonArray Rounded(IEnumerable<double> values) => List(values, Rounded);
}
