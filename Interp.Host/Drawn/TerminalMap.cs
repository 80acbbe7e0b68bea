using Interp.Pictures;
using Spectre.Console;

namespace Interp.Host.Drawn;

/// <summary>A small map for a terminal.</summary>
/// <param name="Name">What stands above it.</param>
/// <param name="Shares">[row][column], from 0 to 1 of the colours' range; null is no value.</param>
internal sealed record SmallMap(string Name, IReadOnlyList<IReadOnlyList<double?>> Shares);

/// <summary>Matrices as coloured cells of a terminal, as many beside one another as it has room for.</summary>
internal static class TerminalMap
{
    /// <summary>Columns between maps, and the widest a map may be where it is alone.</summary>
    private const int Gap = 2, Widest = 96;

    /// <summary>Whether colours can be shown: on a terminal that has them, not in a file or behind a pipe, and not where they are unwanted.</summary>
    public static bool IsPossible(IAnsiConsole console) =>
        console.Profile.Capabilities is { Ansi: true } capabilities && capabilities.ColorSystem != ColorSystem.NoColors && console.Profile.Out.IsTerminal;

    /// <summary>Writes maps of one size below a title.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="title">What they show, and what their colours mean.</param>
    /// <param name="maps">In their order.</param>
    /// <param name="diverging">Whether one half is zero, orange below and blue above, rather than 0 and white.</param>
    public static void Write(IAnsiConsole console, string title, IReadOnlyList<SmallMap> maps, bool diverging)
    {
        if (maps.Count == 0 || maps[0].Shares.Count == 0)
        {
            return;
        }

        var width = Math.Max(console.Profile.Width - 1, 1);
        var cells = maps[0].Shares[0].Count;
        var side = Math.Min(cells, Math.Min(width, Widest));
        // A map may be narrower than its name, which stays whole.
        var column = Math.Max(side, maps.Max(map => map.Name.Length));
        var beside = Math.Max(1, (width + Gap) / (column + Gap));
        console.WriteLine(title);
        foreach (var row in maps.Chunk(beside))
        {
            var grid = new Grid();
            for (var place = 1; place <= row.Length; place++)
            {
                grid.AddColumn(new GridColumn().NoWrap().PadLeft(0).PadRight(place < row.Length ? Gap : 0));
            }

            grid.AddRow([.. row.Select(map => new Text(map.Name))]);
            grid.AddRow([.. row.Select(map => Drawn(map.Shares, side, diverging))]);
            console.Write(grid);
        }
    }

    private static Spectre.Console.Canvas Drawn(IReadOnlyList<IReadOnlyList<double?>> shares, int side, bool diverging)
    {
        var rows = Math.Min(shares.Count, side);
        var canvas = new Spectre.Console.Canvas(side, rows) { Scale = false };
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < side; column++)
            {
                if (Mean(shares, row, rows, column, side) is { } share)
                {
                    var color = (diverging ? Palette.Diverging : Palette.Sequential).GetColor(share);
                    canvas.SetPixel(column, row, new Spectre.Console.Color(color.R, color.G, color.B));
                }
            }
        }

        return canvas;
    }

    /// <summary>Of a map with more cells than there is room for, the mean of those that come to lie on one; null where none has a value.</summary>
    private static double? Mean(IReadOnlyList<IReadOnlyList<double?>> shares, int row, int rows, int column, int columns)
    {
        var values =
            from r in Range(row, rows, shares.Count)
            from c in Range(column, columns, shares[0].Count)
            where shares[r][c] is { } share && double.IsFinite(share)
            select shares[r][c]!.Value;
        return values.Select(share => (double?)share).Average();

        static IEnumerable<int> Range(int place, int places, int of) => Enumerable.Range(place * of / places, Math.Max(1, ((place + 1) * of / places) - (place * of / places)));
    }
}
