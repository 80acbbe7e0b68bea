using System.Security.Cryptography;
using System.Text.Json;
using Interp.Host.Runs;
using Microsoft.FSharp.Collections;

namespace Interp.Host.Surveys;

/// <summary>A finished item: its result, and how it came about, which no table tells.</summary>
internal sealed record FinishedItem(SurveyResult Result, double Seconds, string Version);

/// <summary>items/000017.json: one finished item, with a check sum over everything else in it.</summary>
internal static class ItemFile
{
    public const long Largest = 1 << 22;

    private const string Check = "check_sha256";

    public static byte[] Bytes(FinishedItem finished) =>
        Bytes(finished, Convert.ToHexStringLower(SHA256.HashData(Bytes(finished, null))));

    /// <summary>The finished item in a file; null where the file is not, byte for byte, what was written for this item.</summary>
    public static FinishedItem? Parse(SurveyItem item, ReadOnlySpan<byte> bytes)
    {
        try
        {
            using var json = JsonDocument.Parse(bytes.ToArray());
            var root = json.RootElement;
            var finished = new FinishedItem(
                new(
                    item,
                    ListModule.OfSeq(root.GetProperty("quantities").EnumerateObject().Select(quantity => Tuple.Create(quantity.Name, Number(quantity.Value)))),
                    ListModule.OfSeq(root.GetProperty("held_out").EnumerateArray().Select(point => Tuple.Create(point[0].GetInt32(), Number(point[1])))),
                    root.GetProperty("weights_sha256").GetString()!),
                root.GetProperty("seconds").GetDouble(),
                root.GetProperty("version").GetString()!);
            return bytes.SequenceEqual(Bytes(finished)) ? finished : null;
        }
        catch (Exception broken) when (
            broken is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or IndexOutOfRangeException or ArgumentException)
        {
            return null;
        }
    }

    private static double Number(JsonElement json) => json.ValueKind == JsonValueKind.Null ? double.NaN : json.GetDouble();

    private static byte[] Bytes(FinishedItem finished, string? check)
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
                json.WriteNumber(field, value);
            }

            json.WriteEndObject();
            json.WritePropertyName("configuration");
            ConfigurationFile.Write(json, item.Configuration);
            json.WriteStartObject("quantities");
            foreach (var (name, value) in result.Quantities)
            {
                json.WritePropertyName(name);
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
