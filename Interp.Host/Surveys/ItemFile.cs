using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Interp.Runs.Endings;
using Interp.Runs.Files;
using Interp.Runs.Wording;
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

    private const string Study = "study";

    /// <summary>Names that are remembered: more than any study's own quantities have, so that a file of strange ones costs nothing that lasts.</summary>
    private const int MostNames = 10_000;

    /// <summary>Quantities by their names, which are the same in all files: to recognise them is a third of reading one, and each is kept once.</summary>
    private static readonly ConcurrentDictionary<string, Quantity> Quantities = new(StringComparer.Ordinal);

    // Which values are null, and why, where some are.
    private const string Notes = "notes";

    public static byte[] Bytes(Survey study, FinishedItem finished) =>
        Text(study, finished, Convert.ToHexStringLower(SHA256.HashData(Text(study, finished, null))));

    /// <summary>
    /// The finished item in a file; null where it is damaged. The check sum is taken over the bytes as they are stored, and values are compared, not spellings: what an earlier version wrote
    /// is good as it is, and is held to what it says. Damaged is what the sum does not fit, and nothing else.
    /// </summary>
    /// <exception cref="BadInputException">It is whole, and of another item or another study: where it differs. Or there is something in it that no item has.</exception>
    public static FinishedItem? Parse(string path, StoredSurvey study, SurveyItem item, byte[] bytes)
    {
        if (!IsWhole(bytes))
        {
            return null;
        }

        var json = StrictJson.Parse(path, bytes).AllMembers(
            ["index", "variant", "setting", "configuration", "quantities", "held_out", "weights_sha256", "seconds", "version", Check], Study, Notes);
        if (Differences(path, study, item, json) is { Count: > 0 } differences)
        {
            throw ConfigurationFile.Contradiction(
                path, "study", differences, SurveyFile.Name, $"nothing was changed: put back what {SurveyFile.Name} said, or take the file away, or plan another study in another directory");
        }

        return new(
            new(
                item,
                ListModule.OfSeq(json["quantities"].Every().Select(quantity => Tuple.Create(Recognised(quantity.Key), Read(quantity.Value)))),
                ListModule.OfSeq(json["held_out"].Items().Select(Point)),
                json["weights_sha256"].Text()),
            Read(json["seconds"]),
            json["version"].Text());
    }

    private static Quantity Recognised(string name) =>
        Quantities.TryGetValue(name, out var known) ? known
        : Quantities.Count < MostNames ? Quantities.GetOrAdd(name, QuantityModule.ofName)
        : QuantityModule.ofName(name);

    private static Tuple<int, double> Point(StrictJson point) =>
        point.Items().ToArray() is [var step, var loss] ? Tuple.Create(step.Whole(0, int.MaxValue), Read(loss)) : throw point.Bad("a step and a loss");

    /// <summary>Where a file says something else than the plan does: of its item, of its training, or of the study.</summary>
    private static List<ProvenanceDifference> Differences(string path, StoredSurvey study, SurveyItem item, IReadOnlyDictionary<string, StrictJson> json)
    {
        var differences = new List<ProvenanceDifference>();
        Compare("index", json["index"].Raw, $"{item.Index}");
        Compare("variant", json["variant"].Text(), item.Variant.ToString());
        if (json.TryGetValue(Study, out var said))
        {
            var own = said.Every();
            foreach (var (name, value) in Marks(study.Survey))
            {
                Compare(name, own.TryGetValue(name, out var found) ? found.Text() : "nothing", value);
            }
        }

        var configuration = ConfigurationFile.Parse($"{path}, \"configuration\"", Encoding.UTF8.GetBytes(json["configuration"].Raw));
        differences.AddRange(ProvenanceModule.differences(configuration.Provenance, new StoredConfiguration(item.Configuration, study.Revision).Provenance));
        return differences;

        void Compare(string name, string found, string expected)
        {
            if (found != expected)
            {
                differences.Add(new(name, Quote.text(found), expected));
            }
        }
    }

    /// <summary>What a study is, as an item's file has it: one text a key, by its sum where it is long.</summary>
    private static IEnumerable<(string Name, string Value)> Marks(Survey study)
    {
        const int longest = 200;
        return SurveyFile.Fields(study).Select(field => field.Value.Length <= longest
            ? field
            : (field.Name, $"sha256 {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(field.Value)))}"));
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

    private static double Read(StrictJson json) => json.IsNull ? double.NaN : double.Parse(json.Number(), CultureInfo.InvariantCulture);

    private static byte[] Text(Survey study, FinishedItem finished, string? check)
    {
        var (result, item) = (finished.Result, finished.Result.Item);
        var json = JsonText.Finite(new()
        {
            ["index"] = item.Index,
            ["variant"] = item.Variant.ToString(),
            ["setting"] = Named(item.Setting.Select(field => (FieldModule.name(field.Item1), (JsonNode?)ConfigurationFile.Node(field.Item2)))),
            [Study] = Named(Marks(study).Select(mark => (mark.Name, (JsonNode?)mark.Value))),
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
