using ScottPlot;

namespace Interp.Host.Figures;

/// <summary>A matrix as coloured cells, row 0 at the top.</summary>
internal static class HeatMap
{
    /// <summary>The values [row][column] in the colours of <paramref name="colormap"/> over <paramref name="range"/>; what lies outside takes the end colours.</summary>
    public static Plot Draw(
        string title, string x, string y, string unit, IReadOnlyList<IReadOnlyList<float>> values, IColormap colormap, ScottPlot.Range range)
    {
        var plot = Canvas.New(title, x, y);
        var rows = values.Count;
        var columns = values[0].Count;
        var cells = new double[rows, columns];
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                cells[row, column] = values[row][column];
            }
        }

        var map = plot.Add.Heatmap(cells);
        map.Colormap = colormap;
        map.ManualRange = range;
        // Row 0 is drawn at the top, as a matrix is read: row r lies at y = RowHeight(rows, r).
        map.Rectangle = new CoordinateRect(-0.5, columns - 0.5, -0.5, rows - 0.5);
        plot.Axes.SetLimits(-0.5, columns - 0.5, -0.5, rows - 0.5);
        plot.HideGrid();
        Canvas.ColorBar(plot, map, unit);
        return plot;
    }

    /// <summary>Where the middle of a row lies on the vertical axis.</summary>
    public static double RowHeight(int rows, double row) => rows - 1 - row;
}
