using System.Text.Json;
using System.Text.Json.Nodes;

namespace Interp.Runs.Wording;

/// <summary>
/// JSON objects as text, the one way from a number to a file or a program: what is not finite becomes null, and a sentence in the
/// object's <c>notes</c> names where, how often and why.
/// </summary>
internal static class JsonText
{
    private const string Notes = "notes";

    /// <summary>The object on one line, or with a line for each key and element.</summary>
    public static byte[] Bytes(JsonObject json, bool indented = false)
    {
        using var text = new MemoryStream();
        Write(text, json, indented);
        return text.ToArray();
    }

    /// <inheritdoc cref="Bytes"/>
    public static void Write(Stream output, JsonObject json, bool indented = false)
    {
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = indented, NewLine = "\n" });
        Finite(json).WriteTo(writer);
    }

    /// <summary>The same object with null for each number that is not finite, and with <c>notes</c> as its last key where there was one.</summary>
    public static JsonObject Finite(JsonObject json)
    {
        var found = new Dictionary<string, Found>(StringComparer.Ordinal);
        Walk(string.Empty, json, found);
        var sentences = found.Where(place => place.Value.Kinds.Count > 0).Select(place => Sentence(place.Key, place.Value)).ToArray();
        if (sentences.Length > 0)
        {
            json[Notes] = new JsonArray([.. sentences.Select(sentence => JsonValue.Create(sentence))]);
        }

        return json;
    }

    /// <summary>What notes say of one number that is not finite.</summary>
    public static string Sentence(string path, double number) => $"{path} is null: the number is not finite ({Kind(number)}).";

    private static string Kind(double number) => double.IsNaN(number) ? "NaN" : number > 0 ? "infinity" : "minus infinity";

    /// <summary>What stands at one path, where lists are <c>[]</c>: how many numbers, how many that are not finite, and what they are.</summary>
    private sealed class Found
    {
        public int All { get; set; }

        public int Lost { get; set; }

        public SortedSet<string> Kinds { get; } = new(StringComparer.Ordinal);
    }

    private static string Sentence(string path, Found found)
    {
        var kinds = string.Join(" or ", found.Kinds);
        return found.All == 1
            ? $"{path} is null: the number is not finite ({kinds})."
            : $"{path} is null {found.Lost} {(found.Lost == 1 ? "time" : "times")} out of {found.All}: the numbers there are not finite ({kinds}).";
    }

    private static void Walk(string path, JsonNode node, Dictionary<string, Found> found)
    {
        switch (node)
        {
            case JsonObject keys:
                foreach (var (key, value) in keys.ToArray())
                {
                    var name = Quote.text(key);
                    Visit(path.Length == 0 ? name : $"{path}.{name}", value, found, replacement => keys[key] = replacement);
                }

                break;
            case JsonArray list:
                var place = $"{path}[]";
                for (var index = 0; index < list.Count; index++)
                {
                    var at = index;
                    Visit(place, list[at], found, replacement => list[at] = replacement);
                }

                break;
        }
    }

    private static void Visit(string path, JsonNode? node, Dictionary<string, Found> found, Action<JsonNode?> replace)
    {
        switch (node)
        {
            case null:
                break;
            case JsonValue value when Number(value) is { } number:
                if (!found.TryGetValue(path, out var here))
                {
                    found.Add(path, here = new());
                }

                here.All++;
                if (!double.IsFinite(number))
                {
                    here.Lost++;
                    here.Kinds.Add(Kind(number));
                    replace(null);
                }

                break;
            // Half of a character has no UTF-8.
            case JsonValue value when value.TryGetValue<string>(out var text) && !IsUnicode(text):
                replace(JsonValue.Create(Quote.shown(text)));
                break;
            case JsonValue:
                break;
            default:
                Walk(path, node, found);
                break;
        }
    }

    private static double? Number(JsonValue value) =>
        value.TryGetValue<double>(out var number) ? number
        : value.TryGetValue<float>(out var single) ? single
        : null;

    private static bool IsUnicode(string text)
    {
        for (var place = 0; place < text.Length; place++)
        {
            if (char.IsSurrogate(text[place]) && !char.IsSurrogatePair(text, place++))
            {
                return false;
            }
        }

        return true;
    }
}
