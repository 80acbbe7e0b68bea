using Interp.Runs.Wording;

namespace Interp.Pictures;

/// <summary>In which share of the trainings each claim holds, setting by setting: where a sweep changes what holds.</summary>
internal static class SurveyClaimFigure
{
    private const string Prefix = "claims-";

    /// <summary>Characters that fit into a column's width.</summary>
    private const int MostInLine = 8;

    /// <summary>The picture's name for a variant.</summary>
    public static string Name(Variant variant) => $"{Prefix}{variant}";

    /// <summary>A picture for each variant that was trained at several settings.</summary>
    public static IReadOnlyList<Figure> Of(SurveySummary summary) =>
    [
        .. summary.Claims
            .GroupBy(result => result.Group.Variant)
            .Where(variant => variant.Select(result => result.Group).Distinct().Count() > 1)
            .Select(variant => Of(variant.Key, [.. variant])),
    ];

    private static Figure Of(Variant variant, IReadOnlyList<ClaimResult> results)
    {
        var claims = results.Select(result => result.Claim.Name).Distinct().ToArray();
        var groups = results.Select(result => result.Group).Distinct().ToArray();
        var varied = groups[0].Setting.Select(field => field.Item1)
            .Where(field => groups.Select(group => Value(group, field)).Distinct().Count() > 1).ToArray();
        var columns = groups.Select(group => string.Join("\n", varied.SelectMany(field => Lines($"{FieldModule.name(field)} {Value(group, field)}")))).ToArray();
        var lines = columns.Max(column => column.Count(character => character == '\n') + 1);
        IReadOnlyList<double?>[] shares =
        [
            .. claims.Select(claim => (IReadOnlyList<double?>)[
                .. groups.Select(group => results.FirstOrDefault(result => result.Claim.Name == claim && result.Group.Equals(group)) is { Trainings: > 0 } found
                    ? (double?)found.Holds / found.Trainings
                    : null),
            ]),
        ];
        return new(
            Name(variant),
            $"Share of the trainings of {variant} models in which each claim holds, by setting. "
            + string.Join("; ", claims.Zip(shares, (claim, row) => $"{claim}: {string.Join(", ", row.Select(Percent))}")) + ".",
            330 + (62 * groups.Length), 150 + (26 * claims.Length) + (18 * lines),
            () => Charts.Cells(
                "Share of trainings in which a claim holds, %", string.Empty, string.Empty, "share", shares, claims, columns,
                Palette.Sequential, Extent.Between(0, 1), share => Words.Whole(100 * share)));
    }

    private static string Value(Group group, Field field) => group.Setting.First(each => each.Item1.Equals(field)).Item2.ToString();

    /// <summary>A label's words in lines that fit into a column.</summary>
    private static IEnumerable<string> Lines(string label)
    {
        var line = string.Empty;
        foreach (var word in label.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > MostInLine)
            {
                yield return line;
                line = word;
            }
            else
            {
                line = line.Length == 0 ? word : $"{line} {word}";
            }
        }

        yield return line;
    }

    private static string Percent(double? share) => share is { } value ? $"{Words.Whole(100 * value)} %" : "not measured";
}
