using System.Text.Json;
using Interp.Host.Json;

namespace Interp.Host.Surveys;

/// <summary>summary.json: claims, quantities and comparisons of a study.</summary>
internal static class SurveySummaryFile
{
    public const string Name = "summary.json";

    public static byte[] Bytes(SurveySummary summary)
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            ClaimJson.Of(summary).WriteTo(json);
        }

        text.WriteByte((byte)'\n');
        return text.ToArray();
    }
}
