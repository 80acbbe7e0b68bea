using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Interp.Runs.Endings;
using Interp.Runs.Wording;
using Microsoft.FSharp.Collections;

namespace Interp.Runs.Files;

/// <summary>A configuration as a file has it, with the revision of the arithmetic that the numbers beside it were made under.</summary>
internal sealed record StoredConfiguration(Configuration Configuration, int Revision)
{
    /// <summary>Steps that the run was to take before it was extended, the fewest first; files of that time say them still.</summary>
    public IReadOnlyList<int> ExtendedFrom { get; init; } = [];

    /// <summary>Of a run that begins now.</summary>
    public static StoredConfiguration Of(Configuration configuration) => new(configuration, ArithmeticRevision.current);

    /// <summary>What is said of the numbers.</summary>
    public Provenance Provenance => ProvenanceModule.ofConfiguration(Revision, Configuration);

    /// <summary>What another file should say, which may be of the time before the run was extended.</summary>
    public Provenance Expected(Provenance other) =>
        other.Fields.FirstOrDefault(field => field.Item1.IsSteps)?.Item2 is FieldValue.Whole { Item: var steps } && ExtendedFrom.Contains(steps)
            ? ProvenanceModule.ofConfiguration(Revision, With(steps))
            : Provenance;

    /// <summary>The same run, which takes further steps.</summary>
    public StoredConfiguration Extended(int further) =>
        this with { Configuration = With(Configuration.Steps + further), ExtendedFrom = [.. ExtendedFrom, Configuration.Steps] };

    private Configuration With(int steps) => FieldModule.describe(Field.Steps).Set.Invoke(FieldValue.NewWhole(steps)).Invoke(Configuration);
}

/// <summary>config.json: everything that a run depends on, in snake_case. What it is read from is not to be trusted.</summary>
internal static class ConfigurationFile
{
    public const string Name = "config.json";

    /// <summary>A name that differs in more letters may mean any other.</summary>
    private const int FurthestName = 2;

    /// <summary>A configuration has half a kilobyte.</summary>
    private const long Largest = 1 << 16;

    /// <summary>The key of <see cref="StoredConfiguration.ExtendedFrom"/>.</summary>
    public const string ExtendedFrom = "extended_from";

    /// <summary>The file's bytes.</summary>
    public static byte[] Bytes(Configuration configuration) => Bytes(Node(configuration));

    /// <summary>The bytes of the file of a run that was extended.</summary>
    public static byte[] Bytes(StoredConfiguration stored)
    {
        var node = Node(stored.Configuration);
        node[ExtendedFrom] = new JsonArray([.. stored.ExtendedFrom.Select(steps => (JsonNode?)steps)]);
        return Bytes(node);
    }

    /// <summary>The bytes of a file with several configurations, by name.</summary>
    public static byte[] Bytes(IEnumerable<(string Name, Configuration Configuration)> configurations) =>
        Bytes(new JsonObject(configurations.Select(named => KeyValuePair.Create(named.Name, (JsonNode?)Node(named.Configuration)))));

    /// <summary>A configuration as an object, with this version's revision of the arithmetic.</summary>
    public static JsonObject Node(Configuration configuration) => new(FieldModule.all
        .Select(FieldModule.describe)
        .Select(field => KeyValuePair.Create(field.Name, (JsonNode?)Node(field.Get.Invoke(configuration))))
        .Append(KeyValuePair.Create(ArithmeticRevision.name, (JsonNode?)ArithmeticRevision.current)));

    /// <exception cref="BadInputException">The file is not a configuration: which field, where, and what was expected.</exception>
    public static StoredConfiguration Read(IDisk disk, string path) => Parse(path, Content(disk, path));

    /// <summary>The bytes of a file that should be one of configurations.</summary>
    /// <exception cref="BadInputException">It is far too long for one, or the user may not read it.</exception>
    /// <exception cref="FailedException">The disk refused.</exception>
    public static byte[] Content(IDisk disk, string path) => GivenFile.Read(disk, path, Largest);

    /// <inheritdoc cref="Read"/>
    public static StoredConfiguration Parse(string source, ReadOnlySpan<byte> bytes)
    {
        var (found, revision, extendedFrom, end) = Content(source, bytes, new() { CommentHandling = JsonCommentHandling.Allow });
        var said = FieldModule.completed(Said(found));
        if (FieldModule.all.FirstOrDefault(field => said.All(each => !each.Item1.Equals(field))) is { } missing)
        {
            throw Bad(source, bytes, end, $"the field \"{FieldModule.name(missing)}\" is missing, expected {FieldModule.describe(missing).Range}");
        }

        var configuration = FieldModule.set(said, ConfigurationModule.study);
        return FieldModule.problem(configuration) is { Value: var problem }
            ? throw Bad(source, bytes, found.TryGetValue(problem.Field, out var place) ? place.Start : end, problem.Sentence.TrimEnd('.'))
            : new(configuration, revision ?? ArithmeticRevision.first) { ExtendedFrom = extendedFrom };
    }

    /// <summary>What a file that a user wrote says of a configuration: any of its fields, with comments and a comma behind the last.</summary>
    /// <exception cref="BadInputException">It says something else: which field, where, and what was expected.</exception>
    public static FSharpList<Tuple<Field, FieldValue>> Fields(IDisk disk, string path) =>
        Said(Content(path, Content(disk, path), new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true }).Found);

    private static FSharpList<Tuple<Field, FieldValue>> Said(Dictionary<Field, (FieldValue Value, int Start)> found) =>
        ListModule.OfSeq(found.Select(field => Tuple.Create(field.Key, field.Value.Value)));

    private static (Dictionary<Field, (FieldValue Value, int Start)> Found, int? Revision, IReadOnlyList<int> ExtendedFrom, int End) Content(
        string source, ReadOnlySpan<byte> bytes, JsonReaderOptions options)
    {
        var found = new Dictionary<Field, (FieldValue Value, int Start)>();
        int? revision = null;
        IReadOnlyList<int>? extendedFrom = null;
        var end = 0;
        string? last = null;
        if (bytes.StartsWith("\uFEFF"u8))
        {
            throw new BadInputException($"{source}: begins with a byte order mark, expected JSON without one.");
        }

        try
        {
            var reader = new Utf8JsonReader(bytes, options);
            Next(source, bytes, ref reader);
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw Bad(source, bytes, (int)reader.TokenStartIndex, "expected an object in braces");
            }

            while (Next(source, bytes, ref reader) && reader.TokenType == JsonTokenType.PropertyName)
            {
                var start = (int)reader.TokenStartIndex;
                last = Quote.text(reader.GetString());
                if (reader.ValueTextEquals(ArithmeticRevision.name))
                {
                    revision = revision is null ? ReadRevision(source, bytes, ref reader) : throw Twice(source, bytes, start, ArithmeticRevision.name);
                }
                else if (reader.ValueTextEquals(ExtendedFrom))
                {
                    extendedFrom = extendedFrom is null ? ReadSteps(source, bytes, ref reader) : throw Twice(source, bytes, start, ExtendedFrom);
                }
                else
                {
                    ReadField(source, bytes, ref reader, found);
                }
            }

            end = (int)reader.TokenStartIndex;
            // Raises for anything behind the object.
            Next(source, bytes, ref reader);
        }
        catch (JsonException broken)
        {
            throw new BadInputException(
                $"{source}, line {broken.LineNumber + 1}, column {broken.BytePositionInLine + 1}: this is not valid JSON{Wanted(last, found)}.");
        }
        catch (InvalidOperationException)
        {
            throw new BadInputException($"{source}: holds text that is not valid UTF-8.");
        }

        return (found, revision, extendedFrom ?? [], end);
    }

    /// <summary>The configurations in the file of a reproduction, by name; none where it is something else.</summary>
    /// <exception cref="BadInputException">One of them is no configuration.</exception>
    public static IReadOnlyList<(string Name, StoredConfiguration Configuration)> ParseAll(string source, byte[] bytes)
    {
        if (Names(bytes) is not { Count: > 0 } names)
        {
            return [];
        }

        if (names.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new BadInputException($"{source}: the name \"{Quote.text(twice.Key)}\" is there twice, expected it once.");
        }

        using var json = JsonDocument.Parse(bytes);
        return [.. names.Select(name => (name, Parse($"{source}, \"{Quote.text(name)}\"", Encoding.UTF8.GetBytes(json.RootElement.GetProperty(name).GetRawText()))))];
    }

    /// <summary>The names in the file of a reproduction, whose configurations stand under names; none where it is the file of one run.</summary>
    public static IReadOnlyList<string> Names(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var names = new List<string>();
            var reader = new Utf8JsonReader(bytes);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                reader.Read();
                if (reader.TokenType != JsonTokenType.StartObject)
                {
                    return [];
                }

                reader.Skip();
                names.Add(name);
            }

            return names;
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            return [];
        }
    }

    /// <summary>The fields in which two configurations differ, as <c>seed (1, not 2)</c>.</summary>
    public static IReadOnlyList<string> Differences(Configuration found, Configuration expected) =>
        [.. FieldModule.differences(found, expected).Select(field => $"{FieldModule.name(field.Item1)} ({field.Item2}, not {field.Item3})")];

    /// <summary>Says that a file is not of the run or study that another describes; the differences are what it says first, and the other second.</summary>
    public static BadInputException Contradiction(string path, string kind, IEnumerable<ProvenanceDifference> differences, string other, string advice) =>
        new($"{path}: is of another {kind} than {other} describes: {string.Join(", ", differences.Select(each => $"{each.Name} is {each.First} in it and {each.Second} there"))}; {advice}.");

    /// <summary>Reads on to the next token.</summary>
    private static bool Next(string source, ReadOnlySpan<byte> bytes, ref Utf8JsonReader reader)
    {
        var more = reader.Read();
        return reader.TokenType == JsonTokenType.Comment
            ? throw Bad(source, bytes, (int)reader.TokenStartIndex, "there is a comment, which JSON does not have")
            : more;
    }

    private static void ReadField(
        string source, ReadOnlySpan<byte> bytes, ref Utf8JsonReader reader, Dictionary<Field, (FieldValue Value, int Start)> found)
    {
        var start = (int)reader.TokenStartIndex;
        var name = reader.GetString()!;
        var field = FieldModule.tryFind(name)?.Value ?? throw Bad(source, bytes, start, Unknown(name));
        if (found.ContainsKey(field))
        {
            throw Twice(source, bytes, start, name);
        }

        Next(source, bytes, ref reader);
        var place = (int)reader.TokenStartIndex;
        var range = FieldModule.describe(field).Range;
        var isWord = range is FieldRange.OneOf or FieldRange.Written;
        var read = FieldModule.parse(field, reader.TokenType switch
        {
            JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False => Encoding.UTF8.GetString(bytes[place..(int)reader.BytesConsumed]),
            JsonTokenType.String when isWord => reader.GetString()!,
            _ => "",
        });
        found.Add(field, read.IsOk
            ? (read.ResultValue, place)
            : throw Bad(source, bytes, place, $"\"{name}\" is {Shown(bytes, ref reader)}, expected {range}"));
    }

    private static int ReadRevision(string source, ReadOnlySpan<byte> bytes, ref Utf8JsonReader reader)
    {
        Next(source, bytes, ref reader);
        return reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var revision) && revision >= ArithmeticRevision.first
            ? revision
            : throw Bad(source, bytes, (int)reader.TokenStartIndex, $"\"{ArithmeticRevision.name}\" is {Shown(bytes, ref reader)}, expected a whole number from {ArithmeticRevision.first} on");
    }

    /// <summary>Reads steps, each more than the one before.</summary>
    private static List<int> ReadSteps(string source, ReadOnlySpan<byte> bytes, ref Utf8JsonReader reader)
    {
        var steps = new List<int>();
        Next(source, bytes, ref reader);
        var isList = reader.TokenType == JsonTokenType.StartArray;
        while (isList && Next(source, bytes, ref reader) && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out var step) || step <= steps.LastOrDefault())
            {
                isList = false;
                break;
            }

            steps.Add(step);
        }

        return isList
            ? steps
            : throw Bad(source, bytes, (int)reader.TokenStartIndex, $"\"{ExtendedFrom}\" is not what a run says that was extended, expected a list of whole numbers, each greater than the one before");
    }

    /// <summary>What was expected where a text stops being JSON, behind the last name that was read.</summary>
    private static string Wanted(string? last, Dictionary<Field, (FieldValue Value, int Start)> found) =>
        last is null ? ", expected an object in braces, with every field of a configuration once"
        : FieldModule.tryFind(last) is { Value: var field } && !found.ContainsKey(field) ? $" behind \"{last}\", expected {FieldModule.describe(field).Range}"
        : $" behind the value of \"{last}\", expected a comma and the next field, or the closing brace and nothing more";

    private static string Unknown(string name)
    {
        string[] names = [.. FieldModule.all.Select(FieldModule.name), ArithmeticRevision.name];
        var near = Spelling.within(FurthestName, ListModule.OfSeq(names), name);
        var meant = names.FirstOrDefault(each => each.Equals(name.Trim().Replace('-', '_'), StringComparison.OrdinalIgnoreCase))
            ?? (near.IsEmpty ? null : near.Head);
        return $"the field \"{Quote.text(name)}\" is not one of a configuration's, expected {(meant is null ? $"one of {string.Join(", ", names)}" : $"\"{meant}\"")}";
    }

    private static BadInputException Twice(string source, ReadOnlySpan<byte> bytes, int at, string name) =>
        Bad(source, bytes, at, $"the field \"{name}\" is there twice, expected it once");

    private static string Shown(ReadOnlySpan<byte> bytes, ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "a list",
        _ => Quote.text(Encoding.UTF8.GetString(bytes[(int)reader.TokenStartIndex..(int)reader.BytesConsumed])),
    };

    private static BadInputException Bad(string source, ReadOnlySpan<byte> bytes, int at, string problem)
    {
        var before = Encoding.UTF8.GetString(bytes[..at]);
        var line = before.Count(character => character == '\n') + 1;
        var column = before.Length - before.LastIndexOf('\n');
        return new($"{source}, line {line}, column {column}: {problem}.");
    }

    /// <summary>A field's value.</summary>
    public static JsonNode Node(FieldValue value) => value switch
    {
        FieldValue.Whole whole => whole.Item,
        FieldValue.Natural natural => natural.Item,
        FieldValue.Number number => number.Item,
        FieldValue.Truth truth => truth.Item,
        FieldValue.Word word => word.Item,
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static byte[] Bytes(JsonObject json) => [.. JsonText.Bytes(json, indented: true), (byte)'\n'];
}
