using System.Text.Json;
using System.Text.Json.Serialization;
using Interp.Host.Files;
using Microsoft.FSharp.Collections;

namespace Interp.Host.Studies;

internal sealed record SweepFields(string Field, IReadOnlyList<double> Values);

/// <summary>The fields of study.json; what is measured on stands there too, so that no two ways of measuring meet in one directory.</summary>
internal sealed record StudyFields(
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
[JsonSerializable(typeof(StudyFields))]
internal sealed partial class StudyFileJson : JsonSerializerContext;

/// <summary>study.json: the study that a directory is about. What it is read from is not to be trusted.</summary>
internal static class StudyFile
{
    public const string Name = "study.json";

    private const long Largest = 1 << 20;

    public static byte[] Bytes(Study study) => [.. JsonSerializer.SerializeToUtf8Bytes(Json(study), StudyFileJson.Default.StudyFields), (byte)'\n'];

    /// <exception cref="BadInputException">The file is no study: what is wrong with it.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="DirectoryNotFoundException">Nor is there its directory.</exception>
    public static Study Read(IDisk disk, string path)
    {
        StudyFields json;
        try
        {
            json = JsonSerializer.Deserialize(disk.Read(path, Largest), StudyFileJson.Default.StudyFields)
                ?? throw new BadInputException($"{path}: expected an object in braces.");
        }
        catch (Exception unreadable) when (
            unreadable is UnauthorizedAccessException or IOException and not (FileNotFoundException or DirectoryNotFoundException))
        {
            throw new BadInputException($"{path}: cannot be read ({unreadable.Message.TrimEnd('.')}).");
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

        var study = new Study(
            ListModule.OfSeq(json.Variants.Select(name => StudyModule.variants.FirstOrDefault(variant => variant.ToString() == name)
                ?? throw new BadInputException($"{path}: there is no variant \"{Quote.text(name)}\"."))),
            ListModule.OfSeq(json.Sweeps.Select(sweep => new Sweep(sweep.Field, ListModule.OfSeq(sweep.Values)))),
            json.FirstSeed,
            json.Seeds,
            json.Steps);
        if (StudyModule.problem(study) is { Value: var problem })
        {
            throw new BadInputException($"{path}: {problem}");
        }

        var reference = StudyModule.reference;
        return json.HeldOutSequences == reference.Sequences && json.HeldOutSeed == reference.Seed
            ? study
            : throw new BadInputException(
                $"{path}: its models are measured on {json.HeldOutSequences} held-out sequences of seed {json.HeldOutSeed}, this version measures on {reference.Sequences} of seed {reference.Seed}.");
    }

    /// <summary>What differs between two studies, as <c>seeds (5, not 20)</c>.</summary>
    public static IReadOnlyList<string> Differences(Study found, Study expected) =>
        [.. Fields(found).Zip(Fields(expected))
            .Where(field => field.First.Value != field.Second.Value)
            .Select(field => $"{field.First.Name} ({field.First.Value}, not {field.Second.Value})")];

    private static IEnumerable<(string Name, string Value)> Fields(Study study) =>
    [
        ("variants", string.Join(',', study.Variants)),
        ("sweeps", study.Sweeps.IsEmpty ? "none" : string.Join(' ', study.Sweeps.Select(StudyModule.sweepName))),
        ("first seed", $"{study.FirstSeed}"),
        ("seeds", $"{study.Seeds}"),
        ("steps", $"{study.Steps}"),
    ];

    private static StudyFields Json(Study study) => new(
        [.. study.Variants.Select(variant => variant.ToString())],
        [.. study.Sweeps.Select(sweep => new SweepFields(sweep.Field, [.. sweep.Values]))],
        study.FirstSeed,
        study.Seeds,
        study.Steps,
        StudyModule.reference.Sequences,
        StudyModule.reference.Seed);
}
