namespace Interp.Figures

open System
open System.IO
open System.Text
open Interp
open Interp.Pictures
open Interp.Runs.Endings
open Interp.Runs.Files
open Interp.Runs.Surroundings

/// A picture as a value: what it shows is fixed, and it is drawn when it is asked for. Made by the functions of the module `Figure`.
[<Sealed; StructuredFormatDisplay("{Display}")>]
type Figure internal (figure: Interp.Pictures.Figure) =

    let picture = lazy Picture(figure, FigureRenderer.Lay figure, [||])

    let bytes format = FigureRenderer.Render(picture.Value, format)

    /// Its name, as a file's without the ending: "circuits", "ov-0-2".
    member _.Name = figure.Name

    /// What a reader who cannot see it should know.
    member _.Alt = picture.Value.Alt

    /// The size in CSS pixels; in pixels it is drawn at twice of it.
    member _.Width = figure.Width

    /// The size in CSS pixels.
    member _.Height = figure.Height

    /// The picture as an element of a page or a notebook: SVG with a title, on white paper, which needs no style or script.
    member figure.Html =
        let svg: string = Encoding.UTF8.GetString(figure.Svg: byte array)
        svg.Substring(svg.IndexOf("<svg", StringComparison.Ordinal))

    /// Writes it to a file, whole or not at all; the ending says as what: .svg, .png, .pdf, .jpg or .webp. Raises `RefusedException` where the ending
    /// stands for no picture, and `IOException` where the file cannot be written.
    member _.Save(path: string) =
        ArgumentNullException.ThrowIfNull path

        Telling.Caller(fun () ->
            let format = PictureFormat.Of("Save", path)

            if Disk.Instance.DirectoryExists path then
                raise (BadInputException $"Save {path}: is a directory, expected a file.")

            AtomicFile.WriteResult(Disk.Instance, path, bytes format))

    /// Opens it in the system's browser; where there is none, says where the file is.
    member figure.Show() =
        let directory = Path.Combine(Path.GetTempPath(), $"interp-{Path.GetRandomFileName()}")
        let path = Path.Combine(directory, $"{figure.Name}.svg")
        Telling.Caller(fun () -> Disk.Instance.CreateDirectory directory)
        figure.Save path

        match Browser.Show path with
        | null -> ()
        | problem ->
            Terminal.Line(World.Real.Terminal.Invoke(false).Progress, $"interp: {problem}; the picture is {path}.")

    member internal _.Svg: byte array = bytes (PictureFormat.Of("Svg", "figure.svg"))

    member internal _.Display =
        $"figure {figure.Name}, {figure.Width} x {figure.Height}: {Quote.text figure.Alt}"

    override figure.ToString() = figure.Display
