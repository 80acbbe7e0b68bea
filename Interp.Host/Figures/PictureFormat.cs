using Interp.Host.Endings;
using ScottPlot;
using SkiaSharp;

namespace Interp.Host.Figures;

/// <summary>What a picture's file holds; the ending of its name decides.</summary>
/// <param name="Endings">The endings of its files, the usual one first.</param>
/// <param name="Bytes">A plot of some width and height (CSS pixels) as a file.</param>
internal sealed record PictureFormat(IReadOnlyList<string> Endings, Func<Plot, int, int, byte[]> Bytes)
{
    /// <summary>Pixels to a CSS pixel, for sharp screens and for print.</summary>
    private const int Density = 2;

    public static readonly PictureFormat Png = Pixels(ImageFormat.Png, ".png");

    private static readonly PictureFormat[] All =
    [
        Png,
        new([".svg"], (plot, width, height) => System.Text.Encoding.UTF8.GetBytes(plot.GetSvgXml(width, height))),
        new([".pdf"], Pdf),
        Pixels(ImageFormat.Jpeg, ".jpg", ".jpeg"),
        Pixels(ImageFormat.Webp, ".webp"),
        Pixels(ImageFormat.Bmp, ".bmp"),
    ];

    /// <summary>The format that a file's name asks for.</summary>
    /// <exception cref="BadInputException">It has no ending, or one that stands for no format of pictures.</exception>
    public static PictureFormat Of(string option, string path)
    {
        var ending = Path.GetExtension(path);
        return All.FirstOrDefault(format => format.Endings.Contains(ending, StringComparer.OrdinalIgnoreCase))
            ?? throw new BadInputException(
                $"{option} {path}: {(ending.Length == 0 ? "has no ending" : $"the ending {ending} is not one of a picture's")}, expected {string.Join(", ", All.SkipLast(1).Select(format => format.Endings[0]))} or {All[^1].Endings[0]}.");
    }

    private static PictureFormat Pixels(ImageFormat format, params string[] endings) => new(endings, (plot, width, height) =>
    {
        plot.ScaleFactor = Density;
        using var image = plot.GetImage(width * Density, height * Density);
        return image.GetImageBytes(format);
    });

    private static byte[] Pdf(Plot plot, int width, int height)
    {
        using var bytes = new MemoryStream();
        using (var document = SKDocument.CreatePdf(bytes))
        {
            plot.Render(document.BeginPage(width, height), width, height);
            document.EndPage();
            document.Close();
        }

        return bytes.ToArray();
    }
}
