using System.Globalization;

namespace Interp.Pictures;

/// <summary>A colour on white paper. One with a name has another look on dark paper, which a page's style knows it by.</summary>
/// <param name="R">Red, as sRGB has it.</param>
/// <param name="G">Green.</param>
/// <param name="B">Blue.</param>
/// <param name="Alpha">From 0, not there, to 1, opaque.</param>
/// <param name="Name">Its name in <see cref="Palette"/>; null where it is nobody's.</param>
internal readonly record struct Color(byte R, byte G, byte B, double Alpha = 1, string? Name = null)
{
    /// <summary>As style sheets write it; the alpha stands apart.</summary>
    public string Hex => $"#{Convert.ToHexStringLower([R, G, B])}";

    /// <summary>Relative luminance, 0 for black and 1 for white (WCAG 2.2).</summary>
    public double Luminance => (0.2126 * Linear(R)) + (0.7152 * Linear(G)) + (0.0722 * Linear(B));

    /// <summary>"#1B2430", by a name or without.</summary>
    public static Color FromHex(string hex, string? name = null) => new(
        byte.Parse(hex.AsSpan(1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture),
        byte.Parse(hex.AsSpan(3, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture),
        byte.Parse(hex.AsSpan(5, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture),
        1,
        name);

    public Color WithAlpha(double alpha) => this with { Alpha = alpha };

    /// <summary>So far on the way to another colour, from 0 to 1; a mixture has no name.</summary>
    public Color MixedWith(Color other, double share) => new(Between(R, other.R, share), Between(G, other.G, share), Between(B, other.B, share));

    /// <summary>How well one is told from the other, from 1 to 21 (WCAG 2.2); text wants 4.5.</summary>
    public static double Contrast(Color one, Color other)
    {
        var (a, b) = (one.Luminance, other.Luminance);
        return (Math.Max(a, b) + 0.05) / (Math.Min(a, b) + 0.05);
    }

    private static byte Between(byte from, byte to, double share) => (byte)Math.Round(from + ((to - from) * share));

    private static double Linear(byte channel)
    {
        var value = channel / 255.0;
        return value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4);
    }
}
