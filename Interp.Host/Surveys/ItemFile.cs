using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Interp.Host.Endings;
using Interp.Host.Files;
using Interp.Host.Wording;
using Microsoft.FSharp.Collections;
using static Interp.Host.Json.Values;

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
                        ListModule.OfSeq(root.GetProperty("quantities").EnumerateObject().Select(quantity => Tuple.Create(QuantityModule.ofName(quantity.Name), Read(quantity.Value)))),
                        ListModule.OfSeq(root.GetProperty("held_out").EnumerateArray().Select(point => Tuple.Create(point[0].GetInt32(), Read(point[1])))),
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

    private static double Read(JsonElement json) => json.ValueKind == JsonValueKind.Null ? double.NaN : json.GetDouble();

    private static byte[] Text(FinishedItem finished, string? check)
    {
        var (result, item) = (finished.Result, finished.Result.Item);
        var json = JsonText.Finite(new()
        {
            ["index"] = item.Index,
            ["variant"] = item.Variant.ToString(),
            ["setting"] = Named(item.Setting.Select(field => (FieldModule.name(field.Item1), (JsonNode?)ConfigurationFile.Node(field.Item2)))),
            ["configuration"] = ConfigurationFile.Node(item.Configuration),
            ["quantities"] = Named(result.Quantities.Select(quantity => (quantity.Item1.ToString(), (JsonNode?)Number(quantity.Item2)))),
            ["held_out"] = List(result.HeldOut, point => new JsonArray(point.Item1, Number(point.Item2))),
            ["weights_sha256"] = result.Weights,
            ["seconds"] = Number(finished.Seconds),
            ["version"] = finished.Version,
        });
        return [.. JsonText.Bytes(json.With(Check, check), indented: true), (byte)'\n'];
    }

    private static JsonObject Named(IEnumerable<(string Name, JsonNode? Value)> fields) =>
        new(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
}
