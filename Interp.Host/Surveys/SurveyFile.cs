using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Interp.Runs.Endings;
using Interp.Runs.Files;
using Microsoft.FSharp.Collections;

namespace Interp.Host.Surveys;

internal sealed record SweepFields(string Field, IReadOnlyList<JsonNode> Values);

/// <summary>
/// The fields of study.json; what is measured on stands there too, so that no two ways of measuring meet in one directory. Claims of the user's are the lines of
/// a file of claims; they, whether the study goes on until its claims are decided, and whether weights are kept, are left out where there is nothing to say.
/// </summary>
internal sealed record SurveyFields(
    IReadOnlyList<string> Variants,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Task,
    IReadOnlyList<SweepFields> Sweeps,
    ulong FirstSeed,
    int Seeds,
    int Steps,
    int HeldOutSequences,
    ulong HeldOutSeed,
    int ArithmeticRevision,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Claims,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? UntilDecided,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? KeepWeights);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, NewLine = "\n")]
[JsonSerializable(typeof(SurveyFields))]
internal sealed partial class SurveyFileJson : JsonSerializerContext;

/// <summary>A study as its file has it.</summary>
/// <param name="Survey">The study.</param>
/// <param name="Revision">The revision of the arithmetic that its trainings are done under.</param>
/// <param name="KeepsWeights">Whether the weights of its trainings are kept; nothing that is measured depends on it.</param>
internal sealed record StoredSurvey(Survey Survey, int Revision, bool KeepsWeights)
{
    /// <summary>Of a study that is planned now.</summary>
    public static StoredSurvey Of(Survey study, bool keepsWeights = false) => new(study, ArithmeticRevision.current, keepsWeights);
}

/// <summary>study.json: the study that a directory is about. What it is read from is not to be trusted.</summary>
internal static class SurveyFile
{
    public const string Name = "study.json";

    private const long Largest = 1 << 20;

    private const string TaskKey = "task";

    private const string ClaimsKey = "claims";

    private const string UntilDecidedKey = "until_decided";

    private const string KeepWeightsKey = "keep_weights";

    // Rules have < and >, which need no escape in a file.
    private static readonly SurveyFileJson Written = new(new JsonSerializerOptions(SurveyFileJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static byte[] Bytes(StoredSurvey study) => [.. JsonSerializer.SerializeToUtf8Bytes(Json(study), Written.SurveyFields), (byte)'\n'];

    /// <exception cref="BadInputException">The file is no study: what is wrong with it.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="DirectoryNotFoundException">Nor is there its directory.</exception>
    public static StoredSurvey Read(IDisk disk, string path)
    {
        var json = StrictJson.Read(disk, path, Largest).AllMembers(
            ["variants", "sweeps", "first_seed", "seeds", "steps", "held_out_sequences", "held_out_seed"], ArithmeticRevision.name, TaskKey, ClaimsKey, UntilDecidedKey, KeepWeightsKey);
        var study = new Survey(
            ListModule.OfSeq(json["variants"].Items().Select(Variant)),
            json.TryGetValue(TaskKey, out var task) ? Task(task) : TaskFormModule.study,
            ListModule.OfSeq(json["sweeps"].Items().Select(sweep => Sweep(path, sweep))),
            json["first_seed"].Natural(),
            json["seeds"].Whole(1, int.MaxValue),
            json["steps"].Whole(1, int.MaxValue),
            json.TryGetValue(ClaimsKey, out var lines) ? Claims(path, lines) : ListModule.Empty<Claim>(),
            json.TryGetValue(UntilDecidedKey, out var untilDecided) && Truth(untilDecided));
        var keepsWeights = json.TryGetValue(KeepWeightsKey, out var keepWeights) && Truth(keepWeights);
        if (SurveyModule.problem(study) is { Value: var problem })
        {
            throw new BadInputException($"{path}: {problem}");
        }

        var reference = SurveyModule.reference;
        var (sequences, seed) = (json["held_out_sequences"].Whole(1, int.MaxValue), json["held_out_seed"].Natural());
        return sequences == reference.Sequences && seed == reference.Seed
            ? new(study, json.TryGetValue(ArithmeticRevision.name, out var revision) ? revision.Whole(ArithmeticRevision.first, int.MaxValue) : ArithmeticRevision.first, keepsWeights)
            : throw new BadInputException(
                $"{path}: its models are measured on {sequences} held-out sequences of seed {seed}, this version measures on {reference.Sequences} of seed {reference.Seed}.");
    }

    /// <summary>What differs between two studies, as <c>seeds (5, not 20)</c>.</summary>
    public static IReadOnlyList<string> Differences(StoredSurvey found, StoredSurvey expected) =>
    [
        .. Fields(found.Survey).Concat(Wishes(found)).Zip(Fields(expected.Survey).Concat(Wishes(expected)))
            .Where(field => field.First.Value != field.Second.Value)
            .Select(field => $"{field.First.Name} ({field.First.Value}, not {field.Second.Value})"),
        .. found.Survey.Claims.Equals(expected.Survey.Claims)
            ? Array.Empty<string>()
            : [$"{ClaimsKey} ({Named(found.Survey)}, not {Named(expected.Survey)})"],
    ];

    /// <summary>What a study was asked for beside its trainings.</summary>
    private static IEnumerable<(string Name, string Value)> Wishes(StoredSurvey study) =>
        [(UntilDecidedKey, study.Survey.UntilDecided ? "true" : "false"), (KeepWeightsKey, study.KeepsWeights ? "true" : "false")];

    /// <summary>Claims of the user's by their names, and the sum of what they say.</summary>
    private static string Named(Survey study) => study.Claims.IsEmpty
        ? "none"
        : $"{Quote.text(string.Join(' ', study.Claims.Select(claim => claim.Name)))}, sha256 {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ClaimsFile.show(study.Claims))))[..8]}";

    /// <summary>What the trainings of a study are, as texts by the keys of its file; no training depends on what is claimed of it.</summary>
    public static IEnumerable<(string Name, string Value)> Fields(Survey study) =>
    [
        ("variants", string.Join(',', study.Variants)),
        (TaskKey, $"{study.Task}"),
        ("sweeps", study.Sweeps.IsEmpty ? "none" : string.Join(' ', study.Sweeps.Select(SurveyModule.sweepName))),
        ("first_seed", $"{study.FirstSeed}"),
        ("seeds", $"{study.Seeds}"),
        ("steps", $"{study.Steps}"),
    ];

    private static TaskForm Task(StrictJson text)
    {
        var read = TaskFormModule.parse(text.Text());
        return read.IsOk ? read.ResultValue : throw text.Bad($"a task, such as \"{TaskFormModule.study}\"");
    }

    private static bool Truth(StrictJson json) => json.Raw switch
    {
        "true" => true,
        "false" => false,
        _ => throw json.Bad("true or false"),
    };

    private static FSharpList<Claim> Claims(string path, StrictJson lines)
    {
        var read = ClaimsFile.parse(string.Join('\n', lines.Items().Select(line => line.Text())));
        return read.IsOk ? read.ResultValue : throw new BadInputException($"{path}: \"{ClaimsKey}\", {read.ErrorValue}");
    }

    private static Variant Variant(StrictJson name) =>
        SurveyModule.variants.FirstOrDefault(variant => variant.ToString() == name.Text()) ?? throw name.Bad($"one of {string.Join(", ", SurveyModule.variants)}");

    private static Sweep Sweep(string path, StrictJson sweep)
    {
        var json = sweep.AllMembers(["field", "values"]);
        var read = SurveyModule.sweepOf(json["field"].Text(), ListModule.OfSeq(json["values"].Items().Select(value => value.Value())));
        return read.IsOk ? read.ResultValue : throw new BadInputException($"{path}: {read.ErrorValue}");
    }

    private static SurveyFields Json(StoredSurvey stored)
    {
        var study = stored.Survey;
        return new(
            [.. study.Variants.Select(variant => variant.ToString())],
            study.Task.Equals(TaskFormModule.study) ? null : $"{study.Task}",
            [.. study.Sweeps.Select(sweep => new SweepFields(FieldModule.name(sweep.Field), [.. sweep.Values.Select(ConfigurationFile.Node)]))],
            study.FirstSeed,
            study.Seeds,
            study.Steps,
            SurveyModule.reference.Sequences,
            SurveyModule.reference.Seed,
            stored.Revision,
            study.Claims.IsEmpty ? null : ClaimsFile.show(study.Claims).TrimEnd().Split('\n'),
            study.UntilDecided ? true : null,
            stored.KeepsWeights ? true : null);
    }
}
