using Interp.Runs.Endings;
using SkiaSharp;

namespace Interp.Pictures;

/// <summary>What a picture's file holds; the ending of its name decides.</summary>
/// <param name="Endings">The endings of its files, the usual one first.</param>
/// <param name="Bytes">A picture, and what a reader who cannot see it should know, as a file.</param>
internal sealed record PictureFormat(IReadOnlyList<string> Endings, Func<Scene, string, byte[]> Bytes)
{
    public static readonly PictureFormat Png = Pixels(SKEncodedImageFormat.Png, ".png");

    private static readonly PictureFormat[] All =
    [
        Png,
        new([".svg"], SvgRenderer.File),
        new([".pdf"], (scene, _) => PixelRenderer.Pdf(scene)),
        Pixels(SKEncodedImageFormat.Jpeg, ".jpg", ".jpeg"),
        Pixels(SKEncodedImageFormat.Webp, ".webp"),
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

    private static PictureFormat Pixels(SKEncodedImageFormat format, params string[] endings) => new(endings, (scene, _) => PixelRenderer.Pixels(scene, format));
}
