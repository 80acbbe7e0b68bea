using System.Text;
using System.Text.Json;
using Interp.Host.Endings;
using Microsoft.FSharp.Collections;

namespace Interp.Host.Files;

/// <summary>config.json: everything that a run depends on, in snake_case. What it is read from is not to be trusted.</summary>
internal static class ConfigurationFile
{
    public const string Name = "config.json";

    /// <summary>A configuration has half a kilobyte.</summary>
    private const long Largest = 1 << 16;

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
    public static Configuration Read(IDisk disk, string path) => Parse(path, ReadBytes(disk, path));

    /// <summary>The bytes of a file that should be one of configurations.</summary>
    /// <exception cref="BadInputException">It is too large, or the user may not read it.</exception>
    /// <exception cref="FailedException">The disk refused.</exception>
    public static byte[] ReadBytes(IDisk disk, string path)
    {
        try
        {
            return disk.Read(path, Largest);
        }
        catch (Exception unreadable) when (Refusal.IsDisk(unreadable))
        {
            throw Refusal.OfGivenFile(unreadable, $"{path}: cannot be read ({Refusal.Words(unreadable)}).");
        }
    }

    /// <inheritdoc cref="Read"/>
    public static Configuration Parse(string source, ReadOnlySpan<byte> bytes)
    {
        var found = new Dictionary<Field, (FieldValue Value, int Start)>();
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

        if (FieldModule.all.FirstOrDefault(field => !found.ContainsKey(field)) is { } missing)
        {
            throw Bad(source, bytes, end, $"the field \"{FieldModule.name(missing)}\" is missing");
        }

        var configuration = FieldModule.set(ListModule.OfSeq(found.Select(field => Tuple.Create(field.Key, field.Value.Value))), ConfigurationModule.study);
        return FieldModule.problem(configuration) is { Value: var problem }
            ? throw Bad(source, bytes, found[problem.Field].Start, problem.Sentence.TrimEnd('.'))
            : configuration;
    }

    /// <summary>The configurations in the file of a reproduction, by name; none where it is something else.</summary>
    /// <exception cref="BadInputException">One of them is no configuration.</exception>
    public static IReadOnlyList<(string Name, Configuration Configuration)> ParseAll(string source, byte[] bytes)
    {
        if (Names(bytes) is not { Count: > 0 } names)
        {
            return [];
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

    private static void ReadField(
        string source, ReadOnlySpan<byte> bytes, ref Utf8JsonReader reader, Dictionary<Field, (FieldValue Value, int Start)> found)
    {
        var start = (int)reader.TokenStartIndex;
        var name = reader.GetString()!;
        var field = FieldModule.tryFind(name)?.Value
            ?? throw Bad(source, bytes, start, $"the field \"{Quote.text(name)}\" is not one of a configuration's");
        if (found.ContainsKey(field))
        {
            throw Bad(source, bytes, start, $"the field \"{name}\" is there twice");
        }

        reader.Read();
        var place = (int)reader.TokenStartIndex;
        var read = FieldModule.parse(field, reader.TokenType is JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False
            ? Encoding.UTF8.GetString(bytes[place..(int)reader.BytesConsumed])
            : "");
        found.Add(field, read.IsOk
            ? (read.ResultValue, place)
            : throw Bad(source, bytes, place, $"\"{name}\" is {Shown(bytes, ref reader)}, expected {FieldModule.describe(field).Range}"));
    }

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

    /// <summary>Writes a configuration as an object.</summary>
    public static void Write(Utf8JsonWriter json, Configuration configuration)
    {
        json.WriteStartObject();
        foreach (var field in FieldModule.all.Select(FieldModule.describe))
        {
            json.WritePropertyName(field.Name);
            Write(json, field.Get.Invoke(configuration));
        }

        json.WriteEndObject();
    }

    /// <summary>Writes a field's value.</summary>
    public static void Write(Utf8JsonWriter json, FieldValue value)
    {
        switch (value)
        {
            case FieldValue.Whole whole:
                json.WriteNumberValue(whole.Item);
                break;
            case FieldValue.Natural natural:
                json.WriteNumberValue(natural.Item);
                break;
            case FieldValue.Number number:
                json.WriteNumberValue(number.Item);
                break;
            case FieldValue.Truth truth:
                json.WriteBooleanValue(truth.Item);
                break;
        }
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
}
