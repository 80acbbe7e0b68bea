using SkiaSharp;

namespace Interp.Pictures;

/// <summary>
/// Inter (SIL Open Font License, Fonts/OFL.txt), embedded: on a machine without fonts there would be no text at all, and with fonts there
/// would be different pictures on different machines.
/// </summary>
internal static class FigureFont
{
    /// <summary>What an SVG asks for where it is shown: Inter, or what stands in for it.</summary>
    public const string Families = "Inter, ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

    /// <summary>Of its size, how high capitals are.</summary>
    public const double Capital = 0.727;

    /// <summary>Of its size, from one line to the next.</summary>
    public const double Leading = 1.25;

    /// <summary>Fonts that stand in for it where a page or a file is shown are wider by so much.</summary>
    private const double StandIn = 1.08;

    private static readonly Lazy<SKTypeface> Regular = new(() => Load("Inter-Regular.otf"));
    private static readonly Lazy<SKTypeface> SemiBold = new(() => Load("Inter-SemiBold.otf"));

    public static SKTypeface Typeface(bool bold) => bold ? SemiBold.Value : Regular.Value;

    /// <summary>How much room a line of text takes, in the unit of its size, in whatever font it comes to be shown.</summary>
    public static double Width(string text, double size, bool bold = false)
    {
        using var font = new SKFont(Typeface(bold), (float)size);
        return StandIn * font.MeasureText(text);
    }

    private static SKTypeface Load(string resource)
    {
        using var stream = typeof(FigureFont).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"The program was built without its font {resource}.");
        using var data = SKData.Create(stream);
        return SKTypeface.FromData(data) ?? throw new InvalidOperationException($"The embedded font {resource} cannot be read.");
    }
}
