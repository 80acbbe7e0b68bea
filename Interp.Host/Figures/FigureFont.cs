using ScottPlot;
using SkiaSharp;

namespace Interp.Host.Figures;

/// <summary>
/// Inter (SIL Open Font License, Fonts/OFL.txt), embedded: on a machine without fonts ScottPlot would draw no text at all, and with fonts it would draw
/// different pictures on different machines.
/// </summary>
internal sealed class FigureFont : IFontResolver
{
    public const string Family = "Interp Figures";

    private static readonly Lazy<FigureFont> Registered = new(Register);

    private readonly SKTypeface _regular = Load("Inter-Regular.otf");
    private readonly SKTypeface _semiBold = Load("Inter-SemiBold.otf");

    /// <summary>Makes every plot of this process use the embedded font. Safe to call from any thread, any number of times.</summary>
    public static void Use() => _ = Registered.Value;

    public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
        fontName == Family ? Typeface(weight >= FontWeight.SemiBold) : null;

    public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) =>
        fontName == Family ? Typeface(bold) : null;

    private SKTypeface Typeface(bool bold) => bold ? _semiBold : _regular;

    private static FigureFont Register()
    {
        var font = new FigureFont();
        ScottPlot.Fonts.FontResolvers.Insert(0, font);
        ScottPlot.Fonts.Default = Family;
        return font;
    }

    private static SKTypeface Load(string resource)
    {
        using var stream = typeof(FigureFont).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"The program was built without its font {resource}.");
        using var data = SKData.Create(stream);
        return SKTypeface.FromData(data) ?? throw new InvalidOperationException($"The embedded font {resource} cannot be read.");
    }
}
