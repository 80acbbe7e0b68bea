using Interp.Host.Json;
using Interp.Runs.Wording;

namespace Interp.Host.Surveys;

/// <summary>summary.json: claims, quantities and comparisons of a study.</summary>
internal static class SurveySummaryFile
{
    public const string Name = "summary.json";

    public static byte[] Bytes(SurveySummary summary) => [.. JsonText.Bytes(ClaimJson.Of(summary), indented: true), (byte)'\n'];
}
