using System.Text;
using System.Text.Json;
using Interp.Runs.Endings;

namespace Interp.Runs.Files;

/// <summary>A value in a small JSON file that is not to be trusted: whatever it is not is one sentence that names the file, the key and what was expected.</summary>
/// <param name="source">The file, as the user knows it.</param>
/// <param name="key">Where the value stands in it; empty for the whole.</param>
/// <param name="value">The value.</param>
internal sealed class StrictJson(string source, string key, JsonElement value)
{
    /// <summary>The content of a file.</summary>
    /// <exception cref="BadInputException">It cannot be read, or is no JSON.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="DirectoryNotFoundException">Nor is there its directory.</exception>
    public static StrictJson Read(IDisk disk, string path, long largest)
    {
        try
        {
            return Parse(path, disk.Read(path, largest));
        }
        catch (Exception unreadable) when (Refusal.IsDisk(unreadable) && unreadable is not (FileNotFoundException or DirectoryNotFoundException))
        {
            throw Refusal.OfGivenFile(unreadable, $"{path}: cannot be read ({Refusal.Words(unreadable)}).");
        }
    }

    /// <inheritdoc cref="Read"/>
    public static StrictJson Parse(string source, byte[] bytes)
    {
        if (bytes.AsSpan().StartsWith("\uFEFF"u8))
        {
            throw new BadInputException($"{source}: begins with a byte order mark, expected JSON without one.");
        }

        if (!System.Text.Unicode.Utf8.IsValid(bytes))
        {
            throw new BadInputException($"{source}: holds text that is not valid UTF-8.");
        }

        try
        {
            return new(source, "", JsonDocument.Parse(bytes).RootElement);
        }
        catch (JsonException broken)
        {
            throw new BadInputException($"{source}, line {broken.LineNumber + 1}, column {broken.BytePositionInLine + 1}: this is not valid JSON{Behind(bytes)}.");
        }
    }

    /// <summary>The value as it is spelt.</summary>
    public string Raw => value.GetRawText();

    /// <summary>Whether it is null.</summary>
    public bool IsNull => value.ValueKind == JsonValueKind.Null;

    /// <summary>The members of an object, whatever their keys, each once; in their order.</summary>
    public IReadOnlyDictionary<string, StrictJson> Every() => Members(null);

    /// <summary>The members of an object that has to have the required keys, may have the optional ones, and no others.</summary>
    public IReadOnlyDictionary<string, StrictJson> AllMembers(IReadOnlyList<string> required, params IReadOnlyList<string> optional)
    {
        var members = Members([.. required, .. optional]);
        return required.FirstOrDefault(name => !members.ContainsKey(name)) is { } missing
            ? throw new BadInputException($"{source}: the key \"{Within(missing)}\" is missing, expected each of {string.Join(", ", required)}.")
            : members;
    }

    private OrderedDictionary<string, StrictJson> Members(IReadOnlyList<string>? expected)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw Bad("an object in braces");
        }

        var members = new OrderedDictionary<string, StrictJson>(StringComparer.Ordinal);
        foreach (var property in value.EnumerateObject())
        {
            var name = Text(() => property.Name);
            if (expected is not null && !expected.Contains(name))
            {
                var meant = expected.FirstOrDefault(each => each.Equals(name, StringComparison.OrdinalIgnoreCase));
                throw new BadInputException(
                    $"{source}: the key \"{Quote.text(Within(name))}\" is not one of this file's, expected {(meant is null ? $"one of {string.Join(", ", expected)}" : $"\"{meant}\"")}.");
            }

            if (!members.TryAdd(name, new(source, Within(name), property.Value)))
            {
                throw new BadInputException($"{source}: the key \"{Quote.text(Within(name))}\" is there twice, expected it once.");
            }
        }

        return members;
    }

    /// <summary>The elements of a list.</summary>
    public IEnumerable<StrictJson> Items() => value.ValueKind == JsonValueKind.Array
        ? value.EnumerateArray().Select((item, index) => new StrictJson(source, $"{key}[{index}]", item))
        : throw Bad("a list in brackets");

    /// <summary>A text.</summary>
    public string Text() => value.ValueKind == JsonValueKind.String ? Text(() => value.GetString()!) : throw Bad("a text in quotes");

    /// <summary>A whole number within bounds, which are included.</summary>
    public int Whole(int low, int high) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && low <= number && number <= high
            ? number
            : throw Bad(high == int.MaxValue ? $"a whole number from {low} on" : $"a whole number from {low} to {high}");

    /// <summary>A whole number from 0 to 2^64 - 1.</summary>
    public ulong Natural() => value.ValueKind == JsonValueKind.Number && value.TryGetUInt64(out var number) ? number : throw Bad($"a whole number from 0 to {ulong.MaxValue}");

    /// <summary>A finite number, as it is spelt.</summary>
    public string Number() => value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number)
        ? value.GetRawText()
        : throw Bad("a number");

    /// <summary>A finite number or a truth as it is spelt, or a text.</summary>
    public string Value() => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        _ => Number(),
    };

    /// <summary>A refusal of this value.</summary>
    public BadInputException Bad(string expected)
    {
        var what = key.Length == 0 ? "its content" : $"\"{Quote.text(key)}\"";
        return new($"{source}: {what} is {Quote.text(value.GetRawText())}, expected {expected}.");
    }

    private string Within(string name) => key.Length == 0 ? name : $"{key}.{name}";

    private string Text(Func<string> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            throw new BadInputException($"{source}: holds text that is no Unicode.");
        }
    }

    /// <summary>The last key before the place where a text stops being JSON.</summary>
    private static string Behind(byte[] bytes)
    {
        var reader = new Utf8JsonReader(bytes);
        string? last = null;
        try
        {
            while (reader.Read())
            {
                last = reader.TokenType == JsonTokenType.PropertyName ? Encoding.UTF8.GetString(reader.ValueSpan) : last;
            }
        }
        catch (JsonException)
        {
            // That is the place.
        }

        return last is null ? "" : $" at or behind \"{Quote.text(last)}\"";
    }
}
