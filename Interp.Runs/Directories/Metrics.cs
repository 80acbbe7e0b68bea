using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Interp.Runs.Endings;
using Interp.Runs.Files;
using Interp.Runs.Results;
using Interp.Runs.Wording;

namespace Interp.Runs.Directories;

/// <summary>A line of metrics.jsonl: a step's losses, or an event of the run.</summary>
internal sealed record MetricsLine
{
    /// <summary><c>started</c>, <c>resumed</c> or <c>finished</c>; null on the line of a step.</summary>
    public string? Event { get; init; }

    /// <summary>The step, counted from 1; of a resumed run, the steps taken before.</summary>
    public int? Step { get; init; }

    /// <summary>Loss of the step's batch before its update, nats a letter.</summary>
    [JsonConverter(typeof(FiniteConverter))]
    public double? Loss { get; init; }

    /// <summary>Held-out loss after the step.</summary>
    [JsonConverter(typeof(FiniteConverter))]
    public double? HeldOutLoss { get; init; }

    /// <summary>What is null on this line since it is not finite; null where nothing is.</summary>
    public IReadOnlyList<string>? Notes { get; init; }

    public DateTimeOffset? At { get; init; }

    public string? Version { get; init; }

    /// <summary>What is trained, as in config.json, on the lines of a beginning: so that they tell whose lines they are.</summary>
    public JsonElement? Configuration { get; init; }

    public int? Threads { get; init; }

    /// <summary>Seconds of training steps, of the process that finished the run.</summary>
    public double? Seconds { get; init; }

    /// <summary>Milliseconds a step of its quickest stretch of steps.</summary>
    public double? QuickestStep { get; init; }

    /// <summary>Milliseconds a step of its median stretch.</summary>
    public double? MedianStep { get; init; }

    /// <summary>The line with a sentence for each loss that is not finite.</summary>
    public MetricsLine Noted()
    {
        string[] notes = [.. Note("loss", Loss), .. Note("held_out_loss", HeldOutLoss)];
        return notes.Length == 0 ? this : this with { Notes = notes };

        static string[] Note(string key, double? value) => value is { } number && !double.IsFinite(number) ? [JsonText.Sentence(key, number)] : [];
    }
}

/// <summary>A number that may be missing; null where it is not finite, and null reads back as missing.</summary>
internal sealed class FiniteConverter : JsonConverter<double?>
{
    public override double? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Null ? null : reader.GetDouble();

    public override void Write(Utf8JsonWriter writer, double? value, JsonSerializerOptions options)
    {
        if (value is { } number && double.IsFinite(number))
        {
            writer.WriteNumberValue(number);
        }
        else
        {
            writer.WriteNullValue();
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, AllowDuplicateProperties = false, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MetricsLine))]
internal sealed partial class MetricsJson : JsonSerializerContext;

/// <summary>What a run's metrics tell when they are read from the first line to the last.</summary>
internal sealed record MetricsHistory
{
    public static readonly MetricsHistory Empty = new();

    /// <summary>The losses of the steps so far, in the order of the steps.</summary>
    public IReadOnlyList<(int Step, double Loss)> Losses { get; init; } = [];

    public IReadOnlyList<HeldOutLoss> HeldOut { get; init; } = [];

    public DateTimeOffset? Started { get; init; }

    /// <summary>What the lines say that is trained, each once; none in files of earlier versions.</summary>
    public IReadOnlyList<StoredConfiguration> Configurations { get; init; } = [];

    /// <summary>The line that ended the run, unless it went on after it.</summary>
    public MetricsLine? Finished { get; init; }

    /// <summary>Lines that are no metrics, such as one that a power cut left torn.</summary>
    public int Damaged { get; init; }

    /// <summary>Whether the last line is whole.</summary>
    public bool Whole { get; init; } = true;

    /// <summary>The loss of every step up to one; NaN where the file does not tell it.</summary>
    public List<double> LossesUntil(int step)
    {
        var losses = Enumerable.Repeat(double.NaN, step).ToList();
        foreach (var (at, loss) in Losses.TakeWhile(point => point.Step <= step))
        {
            losses[at - 1] = loss;
        }

        return losses;
    }

    public List<HeldOutLoss> HeldOutUntil(int step) => [.. HeldOut.TakeWhile(point => point.Step <= step)];

    /// <summary>Where the metrics say something else than the configuration of the run that they lie beside.</summary>
    public IReadOnlyList<ProvenanceDifference> Differences(StoredConfiguration run)
    {
        // No list of F# is written as a collection of C#: F# Interactive's own FSharp.Core has not what makes it.
        IReadOnlyList<ProvenanceDifference>? said = Configurations
            .Select(found => ProvenanceModule.differences(found.Provenance, run.Expected(found.Provenance)))
            .FirstOrDefault(differences => !differences.IsEmpty);
        var steps = Finished?.Step ?? Losses.Select(point => point.Step).LastOrDefault();
        return said is not null ? said
            : steps > run.Configuration.Steps || (Finished is not null && steps != run.Configuration.Steps && !run.ExtendedFrom.Contains(steps))
                ? [new(FieldModule.name(Field.Steps), $"{steps}", $"{run.Configuration.Steps}")]
            : [];
    }
}

/// <summary>
/// metrics.jsonl, which only ever grows. A run that goes on from a checkpoint says so in a line, and takes what came
/// after that checkpoint again: the last word on a step holds.
/// </summary>
internal static class Metrics
{
    public const string Name = "metrics.jsonl";

    private const long Largest = int.MaxValue;

    /// <summary>Adds lines, and returns once they have reached the disk.</summary>
    public static void Append(IDisk disk, string directory, bool afresh, IEnumerable<MetricsLine> lines)
    {
        var path = Path.Combine(directory, Name);
        using var text = new MemoryStream();
        if (afresh)
        {
            text.WriteByte((byte)'\n');
        }

        foreach (var line in lines)
        {
            text.Write(JsonSerializer.SerializeToUtf8Bytes(line.Noted(), MetricsJson.Default.MetricsLine));
            text.WriteByte((byte)'\n');
        }

        var made = !disk.FileExists(path);
        disk.Append(path, text.ToArray());
        disk.Flush(path);
        if (made)
        {
            disk.FlushDirectory(directory);
        }
    }

    public static MetricsHistory Read(IDisk disk, string directory)
    {
        var path = Path.Combine(directory, Name);
        return disk.FileExists(path) ? Parse(disk.Read(path, Largest)) : MetricsHistory.Empty;
    }

    public static MetricsHistory Parse(ReadOnlySpan<byte> bytes)
    {
        var losses = new List<(int Step, double Loss)>();
        var heldOut = new List<HeldOutLoss>();
        DateTimeOffset? started = null;
        MetricsLine? finished = null;
        var damaged = 0;
        var configurations = new List<StoredConfiguration>();
        foreach (var range in bytes.Split((byte)'\n'))
        {
            if (bytes[range].IsEmpty)
            {
                continue;
            }

            if (Line(bytes[range]) is not { } line || !Follows(line, losses.Count == 0 ? 0 : losses[^1].Step))
            {
                damaged++;
                continue;
            }

            if (line.Configuration is { } told)
            {
                try
                {
                    configurations.Add(ConfigurationFile.Parse(Name, Encoding.UTF8.GetBytes(told.GetRawText())));
                }
                catch (BadInputException)
                {
                    damaged++;
                    continue;
                }
            }

            started ??= line.At;
            finished = line.Event == "finished" ? line : null;
            var step = line.Step ?? 0;
            if (line.Event == "resumed")
            {
                Shorten(losses, point => point.Step <= step);
                Shorten(heldOut, point => point.Step <= step);
            }

            if (line.Loss is { } loss)
            {
                losses.Add((step, loss));
            }

            if (line.HeldOutLoss is { } heldOutLoss)
            {
                heldOut.Add(new(step, heldOutLoss));
            }
        }

        return new()
        {
            Losses = losses,
            HeldOut = heldOut,
            Started = started,
            Configurations = [.. configurations.Distinct()],
            Finished = finished,
            Damaged = damaged,
            Whole = bytes.IsEmpty || bytes[^1] == (byte)'\n',
        };
    }

    /// <summary>Whether a line makes sense after the steps before it. Steps may be missing, where lines were damaged; none comes twice.</summary>
    private static bool Follows(MetricsLine line, int known) => line.Event switch
    {
        null => line is { Loss: { } loss, Step: { } step } && step > known && double.IsFinite(loss),
        "started" => line.Step is null,
        "resumed" => line.Step is >= 0 && line.Loss is null,
        "finished" => line is { Step: > 0, HeldOutLoss: { } loss, Loss: null } && line.Step >= known && double.IsFinite(loss),
        _ => false,
    };

    /// <summary>Leaves the points up to a limit; they are in order.</summary>
    private static void Shorten<T>(List<T> points, Predicate<T> within)
    {
        var count = points.FindLastIndex(within) + 1;
        points.RemoveRange(count, points.Count - count);
    }

    private static MetricsLine? Line(ReadOnlySpan<byte> text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, MetricsJson.Default.MetricsLine);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
