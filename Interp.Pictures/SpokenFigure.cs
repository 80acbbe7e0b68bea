using System.Text;
using System.Text.Json.Nodes;
using Interp.Runs.Wording;

namespace Interp.Pictures;

/// <summary>What a figure on a page says of its marks, as JSON that <c>Pages/page/figures.js</c> reads: names, numbers to three digits, places.</summary>
internal static class SpokenFigure
{
    /// <summary>
    /// <c>{x, y}</c>: what the axes show. Cells: <c>{unit, at: [left, top, cell width, cell height], rows, columns, cells}</c>, a line of <c>cells</c> for
    /// each row, with commas in between, empty where there is no value; names only where there are names. Else <c>{marks}</c>, a list of
    /// <c>{name, at: [x, y, x, y, …], says}</c>, a line of <c>says</c> for each mark: what the axes say and its own name, with tabs in between;
    /// and <c>of</c>, where marks are of trainings, the number of each.
    /// Places are in the picture's CSS pixels.
    /// </summary>
    public static string Json(Scene scene)
    {
        var (across, upright) = (scene.Plot.Axes.Bottom, scene.Plot.Axes.Left);
        var json = new JsonObject { ["x"] = Name(across), ["y"] = Name(upright) };
        if (scene.Plot.Marks.OfType<Cells>().FirstOrDefault() is { } cells)
        {
            json["unit"] = cells.Unit;
            json["at"] = Numbers([scene.Area.Left, scene.Area.Top, scene.Area.Width / cells.Width, scene.Area.Height / cells.Height]);
            if (cells.Rows is { } rows)
            {
                json["rows"] = string.Join('\t', rows);
            }

            if (cells.Columns is { } columns)
            {
                json["columns"] = string.Join('\t', columns);
            }

            json["cells"] = string.Join('\n', cells.Values.Select(row => string.Join(',', row.Select(value => value is { } known ? Short(known) : string.Empty))));
        }
        else
        {
            json["marks"] = new JsonArray([.. scene.Spoken.Where(marks => marks.Places.Count > 0).Select(Marks)]);
        }

        return Encoding.UTF8.GetString(JsonText.Bytes(json));
    }

    private static JsonObject Marks(Spoken marks)
    {
        var json = new JsonObject
        {
            ["name"] = marks.Series,
            ["at"] = Numbers(marks.Places.SelectMany(place => new[] { place.X, place.Y })),
            ["says"] = string.Join('\n', marks.Places.Select(place => place.Name is { } name ? $"{place.Across}\t{place.Upright}\t{name}" : $"{place.Across}\t{place.Upright}")),
        };
        if (marks.Places.Any(place => place.Training is not null))
        {
            json["of"] = new JsonArray([.. marks.Places.Select(place => (JsonNode?)place.Training)]);
        }

        return json;
    }

    /// <summary>What an axis is of, without what is explained behind it.</summary>
    private static string Name(Axis axis)
    {
        var name = axis.SaysUnit ? string.Empty : axis.Label;
        foreach (var behind in new[] { " (", ": ", ", of " })
        {
            name = name.Split(behind)[0];
        }

        return name;
    }

    private static string Short(double value) => Words.Significant(value).Replace('−', '-');

    private static JsonArray Numbers(IEnumerable<double> values) => new([.. values.Select(value => JsonValue.Create(Math.Round(value, 1)))]);
}
