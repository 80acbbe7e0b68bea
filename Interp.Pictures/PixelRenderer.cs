using SkiaSharp;

namespace Interp.Pictures;

/// <summary>A picture in pixels, or on a page of a PDF: the same items at the same places as in SVG, in the embedded font.</summary>
internal static class PixelRenderer
{
    /// <summary>Pixels to a CSS pixel, for sharp screens and for print.</summary>
    public const int Density = 2;

    /// <summary>
    /// Of even areas and letters the rows themselves repeat; what libpng chooses among filters, row by row, takes longer than it saves. Deflate searches shortly.
    /// </summary>
    private static readonly SKPngEncoderOptions Png = new(SKPngEncoderFilterFlags.None, 3);

    public static byte[] Pixels(Scene scene, SKEncodedImageFormat format)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(scene.Width * Density, scene.Height * Density, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using (var canvas = new SKCanvas(bitmap))
        {
            canvas.Scale(Density);
            Draw(scene, canvas);
        }

        using var pixels = bitmap.PeekPixels();
        using var data = (format == SKEncodedImageFormat.Png ? pixels.Encode(Png) : pixels.Encode(format, 92))
            ?? throw new InvalidOperationException($"A picture of {bitmap.Width} by {bitmap.Height} pixels could not be encoded.");
        return data.ToArray();
    }

    public static byte[] Pdf(Scene scene)
    {
        using var bytes = new MemoryStream();
        using (var document = SKDocument.CreatePdf(bytes))
        {
            Draw(scene, document.BeginPage(scene.Width, scene.Height));
            document.EndPage();
            document.Close();
        }

        return bytes.ToArray();
    }

    private static void Draw(Scene scene, SKCanvas canvas)
    {
        canvas.Clear(Paint(Palette.Paper));
        var area = scene.Area;
        foreach (var item in scene.Items)
        {
            canvas.Save();
            if (item.Inside)
            {
                canvas.ClipRect(new((float)area.Left, (float)area.Top, (float)area.Right, (float)area.Bottom));
            }

            switch (item)
            {
                case Shape shape:
                    Draw(shape, canvas);
                    break;
                case CellRuns cells:
                    Draw(cells, canvas);
                    break;
                case Lettering text:
                    Draw(text, canvas);
                    break;
            }

            canvas.Restore();
        }
    }

    private static void Draw(Shape shape, SKCanvas canvas)
    {
        using var path = SKPath.ParseSvgPathData(shape.Path);
        if (shape.Fill is { } fill)
        {
            using var paint = new SKPaint { Color = Paint(fill), IsAntialias = true };
            canvas.DrawPath(path, paint);
        }

        if (shape.Stroke is { } stroke)
        {
            var dashes = SvgWriter.Dashes(shape.Pattern, shape.Width);
            using var effect = dashes.Length == 0 ? null : SKPathEffect.CreateDash([.. dashes.Select(dash => (float)dash)], 0);
            using var paint = new SKPaint { Color = Paint(stroke), IsAntialias = true, IsStroke = true, StrokeWidth = (float)shape.Width, PathEffect = effect };
            canvas.DrawPath(path, paint);
        }
    }

    private static void Draw(CellRuns cells, SKCanvas canvas)
    {
        canvas.Translate((float)cells.Left, (float)cells.Top);
        canvas.Scale((float)cells.CellWidth, (float)cells.CellHeight);
        canvas.Translate(0, 0.5f);
        foreach (var (color, levels) in cells.Levels)
        {
            using var path = SKPath.ParseSvgPathData(levels);
            using var paint = new SKPaint { Color = Paint(color), IsStroke = true, StrokeWidth = 1 };
            canvas.DrawPath(path, paint);
        }
    }

    private static void Draw(Lettering text, SKCanvas canvas)
    {
        using var font = new SKFont(FigureFont.Typeface(text.Bold), (float)text.Size) { Subpixel = true, Edging = SKFontEdging.Antialias, Hinting = SKFontHinting.None };
        using var paint = new SKPaint { Color = Paint(text.Color), IsAntialias = true };
        canvas.Translate((float)text.X, (float)text.Y);
        if (text.Upwards)
        {
            canvas.RotateDegrees(-90);
        }

        var align = text.Anchor switch { < 0 => SKTextAlign.Left, 0 => SKTextAlign.Center, _ => SKTextAlign.Right };
        canvas.DrawText(text.Text, 0, 0, align, font, paint);
    }

    private static SKColor Paint(Color color) => new(color.R, color.G, color.B, (byte)Math.Round(255 * color.Alpha));
}
