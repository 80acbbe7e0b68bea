
namespace Interp.Pictures;

/// <summary>A matrix as coloured cells, row 0 at the top.</summary>
internal static class HeatMap
{
    /// <summary>The values [row][column] in the colours of <paramref name="colormap"/> over <paramref name="range"/>; what lies outside takes the end colours. Rows and columns go by names where there are names.</summary>
    public static Drawing Draw(
        string title, string x, string y, string unit, IReadOnlyList<IReadOnlyList<double?>> values, Colormap colormap, Extent range,
        IReadOnlyList<string>? rows = null, IReadOnlyList<string>? columns = null)
    {
        var drawing = new Drawing(title, x, y);
        drawing.Cells(values, colormap, range, unit, rows, columns);
        return drawing;
    }

    /// <summary>Where the middle of a row lies on the vertical axis.</summary>
    public static double RowHeight(int rows, double row) => rows - 1 - row;

    /// <summary>Numbers as cells that all have a value.</summary>
    public static IReadOnlyList<IReadOnlyList<double?>> Cells(IEnumerable<IEnumerable<float>> values) =>
        [.. values.Select(row => (IReadOnlyList<double?>)[.. row.Select(value => (double?)value)])];

    /// <summary>The values that there are.</summary>
    public static IEnumerable<double> Values(IReadOnlyList<IReadOnlyList<double?>> cells) => cells.SelectMany(row => row).OfType<double>();
}
