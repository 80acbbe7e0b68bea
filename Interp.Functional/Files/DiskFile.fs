namespace Interp

open System
open System.IO

/// The one place where the library touches the disk: a file read whole, and one written whole or not at all. What the disk refuses
/// raises `RefusedException` with one sentence.
module internal DiskFile =

    /// A model inside a run's directory.
    [<Literal>]
    let ModelName = "model.safetensors"

    /// No model that can be configured comes near so many bytes; a bigger file is refused unread.
    [<Literal>]
    let Largest = 1073741824L

    let private expected = "expected a .safetensors file or a run directory"

    /// What a file is called until it is whole. Such a file that was left behind means nothing.
    let private partial = ".partial"

    let private isOfDisk (failure: exn) = failure :? IOException || failure :? UnauthorizedAccessException

    let private why (failure: exn) = (Quote.line failure.Message).TrimEnd '.'

    let private othersIn (directory: string) =
        match Directory.GetFiles(directory, "*.safetensors") |> Array.sort |> Array.toList with
        | [] -> ""
        | others ->
            let shown = others |> List.truncate 3 |> List.map Quote.line |> String.concat ", "
            let rest = if others.Length > 3 then $" and {others.Length - 3} more" else ""
            $"; its models are {shown}{rest}"

    /// The file of a model: the path itself, or what a run has left in a directory.
    let modelAt (path: string) : string =
        if String.IsNullOrEmpty path then
            Refused.because $"The model's path is empty, {expected}."
        elif File.Exists path then
            path
        elif not (Directory.Exists path) then
            Refused.because $"{Quote.line path}: there is no such file or directory, {expected}."
        else
            let file = Path.Combine(path, ModelName)

            let others =
                try
                    if File.Exists file then "" else othersIn path
                with failure when isOfDisk failure ->
                    Refused.because $"{Quote.line path}: cannot be read ({why failure})."

            if File.Exists file then
                file
            else
                Refused.because $"{Quote.line path}: there is no {ModelName} in this directory, {expected}{others}."

    let private content (stream: Stream) =
        use content = new MemoryStream()
        let chunk: byte[] = Array.zeroCreate (1 <<< 16)

        // A pipe or a device does not tell how much is in it, and may never end.
        let rec fill () =
            match stream.Read(chunk, 0, chunk.Length) with
            | 0 -> Some(content.ToArray())
            | count when content.Length + int64 count > Largest -> None
            | count ->
                content.Write(chunk, 0, count)
                fill ()

        fill ()

    /// A file's bytes.
    let read (path: string) : byte[] =
        let bytes =
            try
                use file =
                    new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite ||| FileShare.Delete)

                if file.CanSeek && file.Length > Largest then None else content file
            with failure when isOfDisk failure ->
                Refused.because $"{Quote.line path}: cannot be read ({why failure})."

        match bytes with
        | Some bytes -> bytes
        | None -> Refused.because $"{Quote.line path}: has more than {Largest} bytes, which no model has."

    let private writeThrough (path: string) (bytes: byte[]) =
        use file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None)
        file.Write bytes
        file.Flush(flushToDisk = true)

    /// Writes beside the place, flushes to the disk, and renames: whatever happens, what stands there is whole, be it new or what was
    /// there before.
    let write (path: string) (bytes: byte[]) : unit =
        if String.IsNullOrEmpty path then
            Refused.because "The path of the file to be written is empty, expected that of a .safetensors file."

        if Directory.Exists path then
            Refused.because $"{Quote.line path}: is a directory, expected a file."

        let whole = Path.GetFullPath path

        if not (Directory.Exists(Path.GetDirectoryName whole)) then
            Refused.because $"{Quote.line path}: cannot be written, since there is no such directory."

        // Of this writer alone.
        let beside = $"{whole}.{Guid.NewGuid():N}{partial}"

        try
            writeThrough beside bytes
            File.Move(beside, whole, overwrite = true)
        with failure when isOfDisk failure ->
            try
                File.Delete beside
            with left when isOfDisk left ->
                // It stays behind, and hurts nobody.
                ()

            let why = (why failure).Replace(Quote.line beside, Quote.line whole)

            Refused.because
                $"{Quote.line path}: cannot be written ({why}); what stands there is whole, be it new or what was there before."
