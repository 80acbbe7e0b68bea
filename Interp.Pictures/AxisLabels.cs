using System.Globalization;

namespace Interp.Pictures;

/// <summary>The labels of an axis of some length: which of them, how large, how far they reach away from it.</summary>
/// <param name="Ticks">Where each stands, and its lines.</param>
/// <param name="Size">Of the font.</param>
/// <param name="Reach">How far they reach away from the axis, in CSS pixels.</param>
/// <param name="Upwards">Whether labels below a plot read from bottom to top.</param>
internal sealed record AxisLabels(IReadOnlyList<(double Position, string[] Lines)> Ticks, double Size, double Reach, bool Upwards)
{
    /// <summary>Between two labels.</summary>
    private const double Apart = 4;

    /// <summary>Below a plot.</summary>
    public static AxisLabels Below(Axis axis, Extent range, double length, double room)
    {
        if (axis.Ticks is null)
        {
            return Below(Largest((int)(length / 60), count => Scale.Round(range, count), ticks => Fits(ticks, axis.TickSize)), axis.TickSize);
        }

        var ticks = Named(axis.Ticks, range);
        for (double size = axis.TickSize; size >= Fitting.Smallest; size--)
        {
            if (Fits(ticks, size))
            {
                return Below(ticks, size);
            }
        }

        // Of numbers some can be left out; of names none.
        return ticks.All(tick => double.TryParse(tick.Label.Replace(",", string.Empty).Replace('−', '-'), CultureInfo.InvariantCulture, out _))
            ? Below(Thinned(ticks, some => Fits(some, axis.TickSize)), axis.TickSize)
            : Upright();

        bool Fits(IReadOnlyList<(double Position, string Label)> some, double size) => some.Zip(some.Skip(1)).All(pair =>
            Place(pair.Second.Position) - Place(pair.First.Position) >= ((Wide(pair.First.Label, size) + Wide(pair.Second.Label, size)) / 2) + Apart);

        double Place(double position) => (position - range.Low) / range.Span * length;

        AxisLabels Upright()
        {
            var step = ticks.Zip(ticks.Skip(1)).Min(pair => Place(pair.Second.Position) - Place(pair.First.Position));
            var size = Math.Clamp(Math.Floor(step / 1.1), Fitting.Smallest - 1, axis.TickSize);
            var kept = Thinned(ticks, some => some.Length < 2 || Place(some[1].Position) - Place(some[0].Position) >= size)
                .Select(tick => (tick.Position, Lines: new[] { Fitting.Cut(tick.Label.Replace('\n', ' '), size, room) })).ToArray();
            return new(kept, size, Fitting.Widest(kept.Select(tick => tick.Lines[0]), size), true);
        }
    }

    /// <summary>To the left of a plot, or to the right of a bar of colours.</summary>
    public static AxisLabels Beside(Axis axis, Extent range, double length, double room)
    {
        var ticks = axis.Ticks is { } own ? Named(own, range) : Scale.Round(range, (int)Math.Max(2, length / 36));
        var size = (double)axis.TickSize;
        if (axis.Ticks is not null && ticks.Count > 1)
        {
            var step = ticks.Zip(ticks.Skip(1)).Min(pair => (pair.Second.Position - pair.First.Position) / range.Span * length);
            size = Math.Clamp(Math.Floor(2 * step / 1.1) / 2, Fitting.Smallest - 1, size);
            ticks = Thinned([.. ticks], some => some.Length < 2 || (some[1].Position - some[0].Position) / range.Span * length >= size);
        }

        var widest = ticks.Select(tick => Wide(tick.Label, size)).DefaultIfEmpty(0).Max();
        if (widest > room)
        {
            size = Math.Max(Math.Min(Fitting.Smallest, size), Math.Floor(2 * size * room / widest) / 2);
        }

        var lines = ticks.Select(tick => (tick.Position, Lines: tick.Label.Split('\n').Select(line => Fitting.Cut(line, size, room)).ToArray())).ToArray();
        return new(lines, size, Fitting.Widest(lines.SelectMany(tick => tick.Lines), size), false);
    }

    private static AxisLabels Below(IReadOnlyList<(double Position, string Label)> ticks, double size)
    {
        var lines = ticks.Select(tick => (tick.Position, Lines: tick.Label.Split('\n'))).ToArray();
        return new(lines, size, size * FigureFont.Leading * lines.Select(tick => tick.Lines.Length).DefaultIfEmpty(0).Max(), false);
    }

    /// <summary>Those that stand in a range, in its order; what has no name takes no room from the others.</summary>
    private static (double Position, string Label)[] Named(IEnumerable<(double Position, string Label)> ticks, Extent range) =>
        [.. ticks.Where(tick => tick.Label.Length > 0 && tick.Position >= range.Low && tick.Position <= range.High).OrderBy(tick => tick.Position)];

    private static double Wide(string label, double size) => Fitting.Widest(label.Split('\n'), size);

    /// <summary>The most ticks that fit, two at least.</summary>
    private static IReadOnlyList<(double Position, string Label)> Largest(
        int most, Func<int, IReadOnlyList<(double Position, string Label)>> ticks, Func<IReadOnlyList<(double Position, string Label)>, bool> fit)
    {
        for (var count = Math.Max(most, 2); count > 1; count--)
        {
            if (ticks(count) is var some && fit(some))
            {
                return some;
            }
        }

        return ticks(1);
    }

    /// <summary>Every first, second, third… of them, as many as fit.</summary>
    private static (double Position, string Label)[] Thinned((double Position, string Label)[] ticks, Func<(double Position, string Label)[], bool> fit)
    {
        for (var stride = 1; stride < ticks.Length; stride++)
        {
            var some = ticks.Where((_, place) => place % stride == 0).ToArray();
            if (fit(some))
            {
                return some;
            }
        }

        return ticks[..Math.Min(1, ticks.Length)];
    }
}
