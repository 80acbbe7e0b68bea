using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Interp.Host.Endings;
using Interp.Host.Files;
using Microsoft.FSharp.Collections;

namespace Interp.Host.Surveys;

internal sealed record SweepFields(string Field, IReadOnlyList<double> Values);

/// <summary>The fields of study.json; what is measured on stands there too, so that no two ways of measuring meet in one directory.</summary>
internal sealed record SurveyFields(
    IReadOnlyList<string> Variants,
    IReadOnlyList<SweepFields> Sweeps,
    ulong FirstSeed,
    int Seeds,
    int Steps,
    int HeldOutSequences,
    ulong HeldOutSeed);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(SurveyFields))]
internal sealed partial class SurveyFileJson : JsonSerializerContext;

/// <summary>study.json: the study that a directory is about. What it is read from is not to be trusted.</summary>
internal static class SurveyFile
{
    public const string Name = "study.json";

    private const long Largest = 1 << 20;

    public static byte[] Bytes(Survey study) => [.. JsonSerializer.SerializeToUtf8Bytes(Json(study), SurveyFileJson.Default.SurveyFields), (byte)'\n'];

    /// <exception cref="BadInputException">The file is no study: what is wrong with it.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="DirectoryNotFoundException">Nor is there its directory.</exception>
    public static Survey Read(IDisk disk, string path)
    {
        SurveyFields json;
        try
        {
            json = JsonSerializer.Deserialize(disk.Read(path, Largest), SurveyFileJson.Default.SurveyFields)
                ?? throw new BadInputException($"{path}: expected an object in braces.");
        }
        catch (Exception unreadable) when (Refusal.IsDisk(unreadable) && unreadable is not (FileNotFoundException or DirectoryNotFoundException))
        {
            throw Refusal.OfGivenFile(unreadable, $"{path}: cannot be read ({Refusal.Words(unreadable)}).");
        }
        catch (JsonException broken)
        {
            throw new BadInputException($"{path}, line {broken.LineNumber + 1}: this is no study ({Quote.line(broken.Message.Split(" Path:")[0].TrimEnd('.'))}).");
        }
        catch (InvalidOperationException)
        {
            throw new BadInputException($"{path}: holds text that is not valid UTF-8.");
        }

        // Lists may hold nulls, whatever their elements' type says.
        if (json.Variants.Contains(null) || json.Sweeps.Contains(null))
        {
            throw new BadInputException($"{path}: there is a null in a list, expected variants and sweeps.");
        }

        var study = new Survey(
            ListModule.OfSeq(json.Variants.Select(name => SurveyModule.variants.FirstOrDefault(variant => variant.ToString() == name)
                ?? throw new BadInputException($"{path}: there is no variant \"{Quote.text(name)}\"."))),
            ListModule.OfSeq(json.Sweeps.Select(sweep => Sweep(path, sweep))),
            json.FirstSeed,
            json.Seeds,
            json.Steps);
        if (SurveyModule.problem(study) is { Value: var problem })
        {
            throw new BadInputException($"{path}: {problem}");
        }

        var reference = SurveyModule.reference;
        return json.HeldOutSequences == reference.Sequences && json.HeldOutSeed == reference.Seed
            ? study
            : throw new BadInputException(
                $"{path}: its models are measured on {json.HeldOutSequences} held-out sequences of seed {json.HeldOutSeed}, this version measures on {reference.Sequences} of seed {reference.Seed}.");
    }

    /// <summary>What differs between two studies, as <c>seeds (5, not 20)</c>.</summary>
    public static IReadOnlyList<string> Differences(Survey found, Survey expected) =>
        [.. Fields(found).Zip(Fields(expected))
            .Where(field => field.First.Value != field.Second.Value)
            .Select(field => $"{field.First.Name} ({field.First.Value}, not {field.Second.Value})")];

    private static IEnumerable<(string Name, string Value)> Fields(Survey study) =>
    [
        ("variants", string.Join(',', study.Variants)),
        ("sweeps", study.Sweeps.IsEmpty ? "none" : string.Join(' ', study.Sweeps.Select(SurveyModule.sweepName))),
        ("first seed", $"{study.FirstSeed}"),
        ("seeds", $"{study.Seeds}"),
        ("steps", $"{study.Steps}"),
    ];

    private static Sweep Sweep(string path, SweepFields sweep)
    {
        var read = SurveyModule.sweepOf(sweep.Field, ListModule.OfSeq(sweep.Values.Select(value => value.ToString("R", CultureInfo.InvariantCulture))));
        return read.IsOk ? read.ResultValue : throw new BadInputException($"{path}: {read.ErrorValue}");
    }

    public static double Number(FieldValue value) => value switch
    {
        FieldValue.Whole whole => whole.Item,
        FieldValue.Number number => number.Item,
        _ => throw new InvalidOperationException($"No sweep has the value {value}."),
    };

    private static SurveyFields Json(Survey study) => new(
        [.. study.Variants.Select(variant => variant.ToString())],
        [.. study.Sweeps.Select(sweep => new SweepFields(FieldModule.name(sweep.Field), [.. sweep.Values.Select(Number)]))],
        study.FirstSeed,
        study.Seeds,
        study.Steps,
        SurveyModule.reference.Sequences,
        SurveyModule.reference.Seed);
}
