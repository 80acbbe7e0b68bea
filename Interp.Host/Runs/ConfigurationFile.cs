using System.Text;
using System.Text.Json;
using Interp.Host.Files;

namespace Interp.Host.Runs;

/// <summary>config.json: everything that a run depends on, in snake_case. What it is read from is not to be trusted.</summary>
internal static class ConfigurationFile
{
    public const string Name = "config.json";

    /// <summary>A configuration has half a kilobyte.</summary>
    public const long Largest = 1 << 16;

    private static readonly Field[] Fields =
    [
        Whole("layers", c => c.Architecture.Layers),
        Whole("heads", c => c.Architecture.Heads),
        Whole("model_width", c => c.Architecture.ModelWidth),
        Whole("head_width", c => c.Architecture.HeadWidth),
        Whole("vocabulary", c => c.Architecture.Vocabulary),
        Whole("context", c => c.Architecture.Context),
        Truth("smeared", c => c.Architecture.Smeared),
        Whole("block_length", c => c.BlockLength),
        Whole("blocks", c => c.Blocks),
        Whole("batch", c => c.Batch),
        Whole("steps", c => c.Steps),
        Number("learning_rate", c => c.LearningRate),
        Number("weight_decay", c => c.WeightDecay),
        Number("beta1", c => c.Beta1),
        Number("beta2", c => c.Beta2),
        Number("epsilon", c => c.Epsilon),
        Natural("seed", c => c.Seed),
    ];

    private delegate object? Reading(ref Utf8JsonReader reader);

    /// <summary>The file's bytes.</summary>
    public static byte[] Bytes(Configuration configuration) => Object(json => Write(json, configuration));

    /// <summary>The bytes of a file with several configurations, by name.</summary>
    public static byte[] Bytes(IEnumerable<(string Name, Configuration Configuration)> configurations) => Object(json =>
    {
        json.WriteStartObject();
        foreach (var (name, configuration) in configurations)
        {
            json.WritePropertyName(name);
            Write(json, configuration);
        }

        json.WriteEndObject();
    });

    /// <exception cref="BadInputException">The file is not a configuration: which field, where, and what was expected.</exception>
    public static Configuration Read(IDisk disk, string path) => Parse(path, disk.Read(path, Largest));

    /// <inheritdoc cref="Read"/>
    public static Configuration Parse(string source, ReadOnlySpan<byte> bytes)
    {
        var found = new Dictionary<string, (object Value, int Start)>(StringComparer.Ordinal);
        var end = 0;
        try
        {
            var reader = new Utf8JsonReader(bytes);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw Bad(source, bytes, (int)reader.TokenStartIndex, "expected an object in braces");
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                ReadField(source, bytes, ref reader, found);
            }

            end = (int)reader.TokenStartIndex;
            // Raises for anything behind the object.
            reader.Read();
        }
        catch (JsonException broken)
        {
            throw new BadInputException(
                $"{source}, line {broken.LineNumber + 1}, column {broken.BytePositionInLine + 1}: this is not valid JSON.");
        }
        catch (InvalidOperationException)
        {
            throw new BadInputException($"{source}: holds text that is not valid UTF-8.");
        }

        if (Fields.FirstOrDefault(field => !found.ContainsKey(field.Name)) is { } missing)
        {
            throw Bad(source, bytes, end, $"the field \"{missing.Name}\" is missing");
        }

        var configuration = Build(found);
        return ConfigurationModule.problem(configuration) is { Value: var problem }
            ? throw Bad(source, bytes, found[problem.Field].Start, $"\"{problem.Field}\": {problem.Sentence.TrimEnd('.')}")
            : configuration;
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
        [.. Fields
            .Select(field => (field.Name, Found: Text(field, found), Expected: Text(field, expected)))
            .Where(field => field.Found != field.Expected)
            .Select(field => $"{field.Name} ({field.Found}, not {field.Expected})")];

    private static void ReadField(
        string source, ReadOnlySpan<byte> bytes, ref Utf8JsonReader reader, Dictionary<string, (object Value, int Start)> found)
    {
        var start = (int)reader.TokenStartIndex;
        var name = reader.GetString()!;
        var field = Fields.FirstOrDefault(field => field.Name == name)
            ?? throw Bad(source, bytes, start, $"the field \"{Quote.text(name)}\" is not one of a configuration's");
        if (found.ContainsKey(name))
        {
            throw Bad(source, bytes, start, $"the field \"{name}\" is there twice");
        }

        reader.Read();
        var place = (int)reader.TokenStartIndex;
        var value = field.Read(ref reader)
            ?? throw Bad(source, bytes, place, $"\"{name}\" is {Shown(bytes, ref reader)}, expected {field.Expected}");
        found.Add(name, (value, place));
    }

    private static Configuration Build(Dictionary<string, (object Value, int Start)> found)
    {
        return new(
            new(Int("layers"), Int("heads"), Int("model_width"), Int("head_width"), Int("vocabulary"), Int("context"), (bool)found["smeared"].Value),
            Int("block_length"),
            Int("blocks"),
            Int("batch"),
            Int("steps"),
            Double("learning_rate"),
            Double("weight_decay"),
            Double("beta1"),
            Double("beta2"),
            Double("epsilon"),
            (ulong)found["seed"].Value);

        int Int(string name) => (int)found[name].Value;

        double Double(string name) => (double)found[name].Value;
    }

    private static Field Whole(string name, Func<Configuration, int> of) => new(
        name,
        "a whole number",
        (ref reader) => reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var value) ? value : null,
        (json, configuration) => json.WriteNumberValue(of(configuration)));

    private static Field Number(string name, Func<Configuration, double> of) => new(
        name,
        "a number",
        (ref reader) => reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var value) ? value : null,
        (json, configuration) => json.WriteNumberValue(of(configuration)));

    private static Field Truth(string name, Func<Configuration, bool> of) => new(
        name,
        "true or false",
        (ref reader) => reader.TokenType is JsonTokenType.True or JsonTokenType.False ? reader.GetBoolean() : null,
        (json, configuration) => json.WriteBooleanValue(of(configuration)));

    private static Field Natural(string name, Func<Configuration, ulong> of) => new(
        name,
        $"a whole number from 0 to {ulong.MaxValue}",
        (ref reader) => reader.TokenType == JsonTokenType.Number && reader.TryGetUInt64(out var value) ? value : null,
        (json, configuration) => json.WriteNumberValue(of(configuration)));

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

    private static string Text(Field field, Configuration configuration) =>
        Encoding.UTF8.GetString(Json(json => field.Write(json, configuration)));

    /// <summary>Writes a configuration as an object.</summary>
    public static void Write(Utf8JsonWriter json, Configuration configuration)
    {
        json.WriteStartObject();
        foreach (var field in Fields)
        {
            json.WritePropertyName(field.Name);
            field.Write(json, configuration);
        }

        json.WriteEndObject();
    }

    private static byte[] Object(Action<Utf8JsonWriter> write) => [.. Json(write), (byte)'\n'];

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            write(json);
        }

        return text.ToArray();
    }

    private sealed record Field(string Name, string Expected, Reading Read, Action<Utf8JsonWriter, Configuration> Write);
}
