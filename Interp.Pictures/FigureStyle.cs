using System.Text;

namespace Interp.Pictures;

/// <summary>The looks of figures on a page, light and dark: a class for each colour of the palette.</summary>
internal static class FigureStyle
{
    /// <summary>Colours that the page has too, and may have chosen otherwise, as in print.</summary>
    private static readonly string[] OfPage = ["ink", "muted", "rule", "paper"];

    /// <summary>The style sheet. It lets no print and no forced colours take a map's colours away, which are its numbers.</summary>
    public static string Css { get; } = Write();

    private static string Write()
    {
        var (light, dark) = (new StringBuilder(), new StringBuilder());
        light.Append(".figure{display:block;max-width:100%;height:auto;background:var(--paper,#fff);font-family:").Append(FigureFont.Families)
            .Append(";forced-color-adjust:none;print-color-adjust:exact;-webkit-print-color-adjust:exact}\n");
        foreach (var (color, onDark) in Palette.All)
        {
            if (OfPage.Contains(color.Name))
            {
                light.Append($".{SvgRenderer.ClassPrefix}{color.Name}{{color:var(--{color.Name},{color.Hex})}}\n");
            }
            else
            {
                light.Append(Rule(color.Name!, color));
                dark.Append(Rule(color.Name!, onDark));
            }
        }

        light.Append(On(Palette.All.Select(pair => pair.Light)));
        dark.Append(On(Palette.All.Select(pair => pair.Dark)));
        return $"{light}@media screen and (prefers-color-scheme:dark){{\n{dark}}}\n";
    }

    private static string Rule(string name, Color color) => $".{SvgRenderer.ClassPrefix}{name}{{color:{color.Hex}}}\n";

    /// <summary>What is written on each colour, by which of the two it is.</summary>
    private static string On(IEnumerable<Color> grounds) => string.Concat(grounds
        .GroupBy(ground => Palette.Readable(ground).Hex)
        .Select(alike => $"{string.Join(',', alike.Select(ground => $".{SvgRenderer.ClassPrefix}on-{ground.Name}"))}{{color:{alike.Key}}}\n"));
}
