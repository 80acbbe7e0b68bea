namespace Interp.Pictures;

/// <summary>Words in a room of some length: set smaller where they are too long, and cut where they would become too small to read.</summary>
internal static class Fitting
{
    /// <summary>Nothing is set smaller.</summary>
    public const double Smallest = 9;

    /// <summary>The text and its size, which is <paramref name="size"/> at most.</summary>
    public static (string Text, double Size) Fit(string text, double size, double room, bool bold = false)
    {
        var width = FigureFont.Width(text, size, bold);
        if (width <= room)
        {
            return (text, size);
        }

        var smaller = Math.Max(Math.Min(Smallest, size), Math.Floor(2 * size * room / width) / 2);
        return (Cut(text, smaller, room, bold), smaller);
    }

    /// <summary>As much of a text as there is room for.</summary>
    public static string Cut(string text, double size, double room, bool bold = false)
    {
        if (FigureFont.Width(text, size, bold) <= room)
        {
            return text;
        }

        var runes = text.EnumerateRunes().Select(rune => rune.ToString()).ToArray();
        var (kept, over) = (0, runes.Length);
        while (over - kept > 1)
        {
            var middle = (kept + over) / 2;
            (kept, over) = FigureFont.Width(Short(middle), size, bold) <= room ? (middle, over) : (kept, middle);
        }

        return Short(kept);

        string Short(int count) => string.Concat(runes.Take(count)) + "…";
    }

    /// <summary>The widest of some lines.</summary>
    public static double Widest(IEnumerable<string> lines, double size) => lines.Select(line => FigureFont.Width(line, size)).DefaultIfEmpty(0).Max();
}
