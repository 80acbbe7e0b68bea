using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Interp.Host.Runs;
using Microsoft.FSharp.Collections;

namespace Interp.Host.Surveys;

/// <summary>A finished item: its result, and how it came about, which no table tells.</summary>
internal sealed record FinishedItem(SurveyResult Result, double Seconds, string Version);

/// <summary>items/000017.json: one finished item, with a check sum over all the bytes before it.</summary>
internal static class ItemFile
{
    public const long Largest = 1 << 22;

    private const string Check = "check_sha256";

    public static byte[] Bytes(FinishedItem finished) =>
        Text(finished, Convert.ToHexStringLower(SHA256.HashData(Text(finished, null))));

    /// <summary>
    /// The finished item in a file; null where the file is damaged, or of another item. The check sum is taken over the bytes as they are stored, and
    /// values are compared, not spellings: what an earlier version wrote is good as it is.
    /// </summary>
    public static FinishedItem? Parse(SurveyItem item, ReadOnlySpan<byte> bytes)
    {
        try
        {
            if (!IsWhole(bytes))
            {
                return null;
            }

            using var json = JsonDocument.Parse(bytes.ToArray());
            var root = json.RootElement;
            return IsOf(item, root)
                ? new(
                    new(
                        item,
                        ListModule.OfSeq(root.GetProperty("quantities").EnumerateObject().Select(quantity => Tuple.Create(QuantityModule.ofName(quantity.Name), Number(quantity.Value)))),
                        ListModule.OfSeq(root.GetProperty("held_out").EnumerateArray().Select(point => Tuple.Create(point[0].GetInt32(), Number(point[1])))),
                        root.GetProperty("weights_sha256").GetString()!),
                    root.GetProperty("seconds").GetDouble(),
                    root.GetProperty("version").GetString()!)
                : null;
        }
        catch (Exception broken) when (
            broken is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or IndexOutOfRangeException or BadInputException)
        {
            return null;
        }
    }

    /// <summary>Whether the check sum, the last field, is that of the file without it.</summary>
    private static bool IsWhole(ReadOnlySpan<byte> bytes)
    {
        // ,\n  "check_sha256": "64 digits"\n}\n
        var at = bytes.LastIndexOf(Encoding.UTF8.GetBytes($",\n  \"{Check}\": \""));
        const int digits = 64;
        var start = at + Check.Length + 9;
        if (at < 0 || bytes.Length < start + digits || !bytes[(start + digits)..].SequenceEqual("\"\n}\n"u8))
        {
            return false;
        }

        byte[] before = [.. bytes[..at], .. "\n}\n"u8];
        return Convert.ToHexStringLower(SHA256.HashData(before)) == Encoding.ASCII.GetString(bytes.Slice(start, digits));
    }

    private static bool IsOf(SurveyItem item, JsonElement root) =>
        root.GetProperty("index").GetInt32() == item.Index
        && root.GetProperty("variant").GetString() == item.Variant.ToString()
        && ConfigurationFile.Parse("", Encoding.UTF8.GetBytes(root.GetProperty("configuration").GetRawText())).Equals(item.Configuration);

    private static double Number(JsonElement json) => json.ValueKind == JsonValueKind.Null ? double.NaN : json.GetDouble();

    private static byte[] Text(FinishedItem finished, string? check)
    {
        var (result, item) = (finished.Result, finished.Result.Item);
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteNumber("index", item.Index);
            json.WriteString("variant", item.Variant.ToString());
            json.WriteStartObject("setting");
            foreach (var (field, value) in item.Setting)
            {
                json.WritePropertyName(FieldModule.name(field));
                ConfigurationFile.Write(json, value);
            }

            json.WriteEndObject();
            json.WritePropertyName("configuration");
            ConfigurationFile.Write(json, item.Configuration);
            json.WriteStartObject("quantities");
            foreach (var (quantity, value) in result.Quantities)
            {
                json.WritePropertyName(quantity.ToString());
                Write(json, value);
            }

            json.WriteEndObject();
            json.WriteStartArray("held_out");
            foreach (var (step, loss) in result.HeldOut)
            {
                json.WriteStartArray();
                json.WriteNumberValue(step);
                Write(json, loss);
                json.WriteEndArray();
            }

            json.WriteEndArray();
            json.WriteString("weights_sha256", result.Weights);
            json.WriteNumber("seconds", finished.Seconds);
            json.WriteString("version", finished.Version);
            if (check is not null)
            {
                json.WriteString(Check, check);
            }

            json.WriteEndObject();
        }

        text.WriteByte((byte)'\n');
        return text.ToArray();
    }

    /// <summary>JSON has no word for what is no number: null.</summary>
    private static void Write(Utf8JsonWriter json, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumberValue(value);
        }
        else
        {
            json.WriteNullValue();
        }
    }
}
