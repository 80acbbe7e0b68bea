namespace Interp.Kernels;

/// <summary>A run of neighbouring columns that one tile covers.</summary>
internal readonly record struct Panel(int Start, int Width)
{
    /// <summary>Whether the panel's columns are neighbours.</summary>
    public bool IsContiguous(nint[] offsets)
    {
        for (var c = 1; c < Width; c++)
        {
            if (offsets[Start + c] != offsets[Start] + c)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Divides columns into panels of 6, and 4 or 3 at the end, so that tiles keep enough sums in flight; 1 and 2 only where nothing else fits.</summary>
    public static Panel[] Cover(int columns)
    {
        int[] tail = (columns % 6, columns > 6) switch
        {
            (0, _) => [],
            (1, true) => [4, 3],
            (2, true) => [4, 4],
            (5, true) => [4, 4, 3],
            (5, false) => [3, 2],
            (var rest, _) => [rest],
        };
        var panels = new List<Panel>();
        var start = 0;
        for (; start < columns - tail.Sum(); start += 6)
        {
            panels.Add(new Panel(start, 6));
        }

        foreach (var width in tail)
        {
            panels.Add(new Panel(start, width));
            start += width;
        }

        return [.. panels];
    }
}
