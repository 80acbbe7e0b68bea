using Interp.Host.Endings;
using Interp.Host.Surroundings;
using Microsoft.FSharp.Core;
using Spectre.Console;

namespace Interp.Host.Figures;

/// <summary>Pictures that a command leaves in a directory.</summary>
internal static class PictureFiles
{
    /// <summary>Draws figures into <paramref name="directory"/>, which is made if it is not there; the paths written, or null where none were asked for.</summary>
    /// <exception cref="BadInputException">The directory cannot be written.</exception>
    public static IReadOnlyList<string>? Write(FSharpOption<string>? directory, Func<IReadOnlyList<Figure>> figures)
    {
        if (directory?.Value is not { } place)
        {
            return null;
        }

        try
        {
            Directory.CreateDirectory(place);
            return [.. FigureRenderer.Render(figures()).Select(picture =>
            {
                var path = Path.Combine(place, picture.FileName);
                File.WriteAllBytes(path, picture.Png);
                return path;
            })];
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"--out {place}: cannot be written ({refused.Message.TrimEnd('.')}).");
        }
    }

    /// <summary>Says where they went.</summary>
    public static void Show(IAnsiConsole console, IReadOnlyList<string>? paths)
    {
        foreach (var path in paths ?? [])
        {
            Terminal.Line(console, $"Picture: {path}");
        }
    }
}
