using Interp.Host.Endings;
using Interp.Host.Files;
using Interp.Host.Surroundings;
using Microsoft.FSharp.Core;
using Spectre.Console;

namespace Interp.Host.Figures;

/// <summary>Pictures that a command leaves in a directory.</summary>
internal static class PictureFiles
{
    /// <summary>
    /// Draws figures into <paramref name="directory"/>, which is made if it is not there; the paths written, or null where none were asked for. The
    /// pictures are all there or none of them.
    /// </summary>
    /// <exception cref="FailedException">The directory cannot be written.</exception>
    public static IReadOnlyList<string>? Write(IDisk disk, FSharpOption<string>? directory, Func<IReadOnlyList<Figure>> figures)
    {
        if (directory?.Value is not { } place)
        {
            return null;
        }

        using var staged = StagedDirectory.Create(disk, place);
        var pictures = FigureRenderer.Render(figures());
        staged.Publish([.. pictures.Select(picture => (picture.FileName, picture.Png))]);
        return [.. pictures.Select(picture => Path.Combine(place, picture.FileName))];
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
