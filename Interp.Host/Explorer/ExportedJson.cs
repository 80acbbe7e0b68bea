using System.Text.Json.Nodes;
using Interp.Host.Json;
using static Interp.Host.Json.Values;

namespace Interp.Host.Explorer;

/// <summary>Explanations as a page's scripts read them: what is said once of a model, and what is kept of each snapshot beside its weights.</summary>
internal static class ExportedJson
{
    /// <summary>What an explanation says of a model's parts; what is not named is exact.</summary>
    public static JsonObject Said(Exported exported) => new()
    {
        ["paths"] = List(exported.Parts.Paths, path => new JsonArray(Path(path.Key), path.Value.ToString())),
        ["patterns"] = List(exported.Patterns, pattern => new JsonObject
        {
            ["head"] = pattern.Head.ToString(),
            ["terms"] = List(pattern.Terms, term => new JsonArray(End(term.Item1), End(term.Item2), term.Item3.ToString())),
            ["without"] = Texts(pattern.Without.Select(without => without.ToString())),
            ["by"] = pattern.By.ToString(),
        }),
        ["sources"] = List(exported.Sources, source => Of(source.Item1, source.Item2, source.Item3)),
        ["cuts"] = List(exported.Parts.Cuts, cut => new JsonObject
        {
            ["source"] = cut.Item1.ToString(),
            ["head"] = cut.Item2.ToString(),
            ["input"] = cut.Item3.ToString(),
        }),
        ["places"] = exported.Places.IsEmpty ? null : List(exported.Places, place => JsonValue.Create(place)),
        ["others"] = exported.Others is { Value: var others } ? List(others.ToArray(), token => JsonValue.Create(token)) : null,
    };

    /// <summary>
    /// What explanations of one model keep, each, that is not in the weights: which average each pattern is, by its place in the list of all, and how
    /// often letters occur.
    /// </summary>
    public static JsonArray Kept(IReadOnlyList<Exported> explanations)
    {
        var places = Averages(explanations).Index().ToDictionary<(int Index, Tensor Item), object, int>(average => average.Item, average => average.Index, ReferenceEqualityComparer.Instance);
        return List(explanations, exported => new JsonObject
        {
            ["averages"] = new JsonObject(exported.Patterns.Index()
                .Where(pattern => pattern.Item.Average is not null)
                .Select(pattern => KeyValuePair.Create(pattern.Index.ToString(), (JsonNode?)places[pattern.Item.Average.Value]))),
            ["frequencies"] = exported.Frequencies.IsEmpty ? null : Numbers(exported.Frequencies),
        });
    }

    /// <summary>All averages, which many explanations have in common, each once.</summary>
    public static IReadOnlyList<Tensor> Averages(IEnumerable<Exported> explanations) =>
    [
        .. explanations
            .SelectMany(exported => exported.Patterns)
            .Select(pattern => pattern.Average)
            .OfType<Microsoft.FSharp.Core.FSharpOption<Tensor>>()
            .Select(average => average.Value)
            .Distinct<Tensor>(ReferenceEqualityComparer.Instance),
    ];

    private static JsonObject Of(HeadAddress head, PatternUse usage, ExportedSource source)
    {
        var json = new JsonObject
        {
            ["head"] = head.ToString(),
            ["by"] = usage is PatternUse.ReadBy reader ? reader.Item.ToString() : null,
        };
        return source switch
        {
            ExportedSource.Rule rule => json.With("rule", rule.Item.ToString()),
            ExportedSource.Scored scored => json.With("averaged", scored.averaged).With("patterns", List(scored.patterns, number => JsonValue.Create(number))),
            _ => throw new InvalidOperationException($"A pattern comes from {source}, which is neither a rule nor made by scores."),
        };
    }

    private static JsonNode Path(IEnumerable<HeadAddress> heads) => string.Join(">", heads.Select(head => head.ToString()));

    /// <summary>"pos", or a path: of no heads the empty text.</summary>
    private static JsonNode End(ScoreEnd end) => end is ScoreEnd.Path path ? Path(path.Item) : "pos";
}
