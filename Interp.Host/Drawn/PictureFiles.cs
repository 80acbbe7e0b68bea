using Interp.Pictures;
using Interp.Runs.Endings;
using Interp.Runs.Files;
using Interp.Runs.Surroundings;
using Microsoft.FSharp.Core;
using Spectre.Console;

namespace Interp.Host.Drawn;

/// <summary>The pictures that a command was asked for: its main figure as a file, all of its figures in a directory, both or neither.</summary>
internal sealed class PictureFiles
{
    private readonly IDisk disk;
    private readonly string? directory;
    private readonly (string Path, PictureFormat Format)? file;

    private PictureFiles(IDisk disk, string? directory, (string Path, PictureFormat Format)? file) =>
        (this.disk, this.directory, this.file) = (disk, directory, file);

    /// <summary>What was asked for, before any work is done.</summary>
    /// <exception cref="BadInputException">The file's ending stands for no picture, or one of the places is of the other kind.</exception>
    public static PictureFiles Of(IDisk disk, PictureOptions options) => Of(disk, options.Picture?.Value, options.Out?.Value);

    /// <summary>The same by the two places; null for none.</summary>
    public static PictureFiles Of(IDisk disk, string? picture, string? directory)
    {
        (string, PictureFormat)? asked = picture is null ? null : (picture, PictureFormat.Of("--picture", picture));
        return picture is not null && disk.DirectoryExists(picture) ? throw new BadInputException($"--picture {picture}: is a directory, expected a file.")
            : directory is not null && disk.FileExists(directory) ? throw new BadInputException($"--out {directory}: is a file, expected a directory.")
            : new(disk, directory, asked);
    }

    /// <summary>
    /// Draws figures, of which the first is the main one, and writes what was asked for; the paths written, or null where none were asked for. The pictures
    /// are all there or none of them.
    /// </summary>
    /// <exception cref="FailedException">A place cannot be written.</exception>
    public IReadOnlyList<string>? Write(Func<IReadOnlyList<Figure>> figures)
    {
        if (directory is null && file is null)
        {
            return null;
        }

        using var staged = directory is null ? null : StagedDirectory.Create(disk, directory);
        var drawn = figures();
        var pictures = staged is null ? [] : FigureRenderer.Render(drawn);
        var main = file is not var (_, format) || drawn.Count == 0 ? null
            : pictures.Count > 0 ? FigureRenderer.Render(pictures[0], format) : FigureRenderer.Render(drawn[0], format);
        List<string> written = [];
        var earlier = Earlier();
        try
        {
            if (main is not null)
            {
                AtomicFile.WriteResult(disk, file!.Value.Path, main);
                written.Add(file.Value.Path);
            }

            staged?.Publish([.. pictures.Select(picture => (picture.FileName, picture.Png))]);
        }
        catch when (main is not null && staged is { IsPublished: false })
        {
            PutBack(earlier);
            throw;
        }

        return [.. written, .. pictures.Select(picture => Path.Combine(directory!, picture.FileName))];
    }

    /// <summary>
    /// Draws figures into <paramref name="directory"/>, which is made if it is not there; the paths written, or null where none were asked for. The
    /// pictures are all there or none of them.
    /// </summary>
    /// <exception cref="FailedException">The directory cannot be written.</exception>
    public static IReadOnlyList<string>? Write(IDisk disk, FSharpOption<string>? directory, Func<IReadOnlyList<Figure>> figures) =>
        Of(disk, null, directory?.Value).Write(figures);

    /// <summary>Says where they went.</summary>
    public static void Show(IAnsiConsole console, IReadOnlyList<string>? paths)
    {
        if (paths is { Count: 0 })
        {
            Terminal.Line(console, "There is nothing to draw, so there are no pictures.");
        }

        foreach (var path in paths ?? [])
        {
            Terminal.Line(console, $"Picture: {path}");
        }
    }

    /// <summary>The picture that would be written over, where the directory's may still fail; null where there is none.</summary>
    private byte[]? Earlier() => directory is not null && file is var (path, _) && disk.FileExists(path) ? disk.Read(path, long.MaxValue) : null;

    private void PutBack(byte[]? earlier)
    {
        if (earlier is null)
        {
            AtomicFile.TryDelete(disk, file!.Value.Path);
        }
        else
        {
            AtomicFile.WriteState(disk, file!.Value.Path, earlier);
        }
    }
}
