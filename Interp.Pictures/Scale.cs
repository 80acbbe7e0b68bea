using Interp.Runs.Wording;

namespace Interp.Pictures;

/// <summary>From an axis's unit to CSS pixels; <paramref name="From"/> is where its low end stands.</summary>
internal readonly record struct Scale(Extent Range, double From, double To)
{
    public double Place(double value) => From + ((value - Range.Low) / Range.Span * (To - From));

    /// <summary>Round numbers within the range, of steps of 1, 2 or 5 times a power of ten: so many or a few less, or as few as there are from two on.</summary>
    public static IReadOnlyList<(double Position, string Label)> Round(Extent range, int most)
    {
        var step = Step(range.Span / Math.Max(most, 1));
        while (true)
        {
            // Of a short axis a single number would tell no scale: then the next smaller step.
            if (Within(range, step) is { Count: >= 2 } ticks)
            {
                return ticks;
            }

            // Below 0.4, which rounding may leave where it is: 5 goes to 2, 2 to 1, 1 to a half.
            step = Step(0.39 * step);
        }
    }

    private static double Step(double least)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(least)));
        return power * ((least / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 });
    }

    private static List<(double Position, string Label)> Within(Extent range, double step)
    {
        var (first, last) = (Math.Ceiling((range.Low / step) - 1e-9), Math.Floor((range.High / step) + 1e-9));
        var ticks = new List<(double, string)>();
        for (var place = first; place <= last && ticks.Count < 100; place++)
        {
            var value = place * step;
            ticks.Add((value, Words.Tick(value + 0.0, step)));
        }

        return ticks;
    }
}
