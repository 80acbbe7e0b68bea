using System.Text.Json;
using Interp.Host.Results;

namespace Interp.Host.Studies;

/// <summary>summary.json: claims, quantities and comparisons of a study.</summary>
internal static class StudySummaryFile
{
    public const string Name = "summary.json";

    public static byte[] Bytes(StudySummary summary)
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            JsonSerializer.Serialize(json, StudySummaryJson.Of(summary), Results.StudyJson.Default.StudySummaryJson);
        }

        text.WriteByte((byte)'\n');
        return text.ToArray();
    }
}
