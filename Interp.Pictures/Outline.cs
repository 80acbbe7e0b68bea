using System.Globalization;
using System.Text;

namespace Interp.Pictures;

/// <summary>An outline in CSS pixels from the upper left, in the letters of SVG's paths.</summary>
internal sealed class Outline
{
    /// <summary>Beyond this nothing can be seen, and what draws would run out of digits.</summary>
    private const double Farthest = 20_000;

    private readonly StringBuilder _path = new();

    public bool IsEmpty => _path.Length == 0;

    /// <summary>A number as short as can be, to a tenth.</summary>
    public static string Number(double value) =>
        (Math.Round(Math.Clamp(value, -Farthest, Farthest), 1) + 0.0).ToString(CultureInfo.InvariantCulture);

    public Outline Move(double x, double y) => Point('M', x, y);

    public Outline Line(double x, double y) => Point('L', x, y);

    public Outline Close()
    {
        _path.Append('Z');
        return this;
    }

    public Outline Rectangle(double left, double top, double right, double bottom) =>
        Move(left, top).Line(right, top).Line(right, bottom).Line(left, bottom).Close();

    /// <summary>Straight lines through points.</summary>
    public Outline Through(IEnumerable<(double X, double Y)> points)
    {
        foreach (var (place, (x, y)) in points.Index())
        {
            Point(place == 0 ? 'M' : 'L', x, y);
        }

        return this;
    }

    /// <summary>An ellipse, in two halves.</summary>
    public Outline Ellipse(double x, double y, double across, double upright)
    {
        Move(x - across, y);
        Half(x + across);
        Half(x - across);
        return Close();

        void Half(double to) => _path.Append('A').Append(Number(across)).Append(' ').Append(Number(upright)).Append(" 0 1 1 ").Append(Number(to)).Append(' ').Append(Number(y));
    }

    /// <summary>A sign of some diameter about a point.</summary>
    public Outline Sign(MarkerShape shape, double x, double y, double size)
    {
        var half = size / 2;
        return shape switch
        {
            MarkerShape.FilledSquare or MarkerShape.OpenSquare => Rectangle(x - (0.9 * half), y - (0.9 * half), x + (0.9 * half), y + (0.9 * half)),
            MarkerShape.FilledTriangleUp or MarkerShape.OpenTriangleUp => Through([(x - half, y + (0.75 * half)), (x, y - half), (x + half, y + (0.75 * half))]).Close(),
            MarkerShape.FilledDiamond or MarkerShape.OpenDiamond => Through([(x - half, y), (x, y - (1.1 * half)), (x + half, y), (x, y + (1.1 * half))]).Close(),
            _ => Ellipse(x, y, half, half),
        };
    }

    public override string ToString() => _path.ToString();

    private Outline Point(char command, double x, double y)
    {
        _path.Append(command).Append(Number(x)).Append(' ').Append(Number(y));
        return this;
    }
}
