/// A disk in memory that fails as it is told to, and that knows what a power cut would leave of it.
module internal Interp.Properties.MemoryDisk

open System
open System.Collections.Generic
open System.IO
open Interp.Runs.Endings
open Interp.Runs.Files

/// What an operating system says of an operation that it does not do.
type Errno =
    | ENOSPC
    | EFBIG
    | EDQUOT
    | EIO
    | EACCES

module Errno =

    let all = [ ENOSPC; EFBIG; EDQUOT; EIO; EACCES ]

    /// The words that a user reads.
    let words =
        function
        | ENOSPC -> "No space left on device"
        | EFBIG -> "File too large"
        | EDQUOT -> "Disk quota exceeded"
        | EIO -> "Input/output error"
        | EACCES -> "Permission denied"

    /// The exception that the real disk raises, with Linux's number.
    let failure errno (what: string) : exn =
        let error (number: int) = IOException($"{words errno} : {what}", number)

        match errno with
        | ENOSPC -> error 28
        | EFBIG -> error 27
        | EDQUOT -> error 122
        | EIO -> error 5
        | EACCES -> UnauthorizedAccessException($"{words errno} : {what}", error 13)

/// What goes wrong with one operation.
type Fault =
    /// It raises, and does nothing.
    | Refused of Errno
    /// It raises after so many bytes of what was to be written; what writes nothing is done, and raises all the same.
    | Torn of bytes: int
    /// From this operation on nothing more can be written: no space is left.
    | Full
    /// The process ends at this operation.
    | Killed

/// The disk was not there for a process that had ended.
exception Gone

/// What the disk holds when the machine comes up again.
type Remains =
    /// All that was written: only the process ended.
    | Everything
    /// What was flushed, under the names that were flushed: the power was cut.
    | Flushed
    /// What was flushed, under all the names: the power was cut, and names reached the disk before content.
    | NamesFirst

type private Content = { mutable Written: byte[]; mutable Durable: byte[] }

/// A disk on which operation `at` (counted from 1) goes wrong.
type MemoryDisk
    private (names: Dictionary<string, Content>, durable: Dictionary<string, Content>, at: int, fault: Fault) =

    let directories = HashSet<string>()
    let held = HashSet<string>()
    let mutable operations = 0
    let mutable gone = false
    let mutable hit: (string * string list) option = None

    let within (directory: string) (path: string) = Path.GetDirectoryName path = directory

    let inside (directory: string) (path: string) = path.StartsWith(directory + "/", StringComparison.Ordinal)

    let missing (path: string) = raise (FileNotFoundException $"Could not find file '{path}'.")

    let full what = raise (Errno.failure ENOSPC what)

    let content path =
        match names.TryGetValue path with
        | true, content -> content
        | _ -> missing path

    /// Does an operation that changes something, or what its fault leaves of it.
    let operate (what: string) (size: int) (perform: int -> unit) =
        if gone then
            raise Gone

        operations <- operations + 1

        if operations = at then
            hit <- Some(what, List.ofSeq names.Keys)

            match fault with
            | Refused errno -> raise (Errno.failure errno what)
            | Torn bytes ->
                perform (min bytes size)
                raise (Errno.failure EIO what)
            | Full -> if size > 0 then full what else perform size
            | Killed ->
                perform (size / 2)
                gone <- true
                raise Gone
        elif operations > at && fault = Full && size > 0 then
            full what
        else
            perform size

    /// A disk on which all goes well.
    new() = MemoryDisk(Dictionary(), Dictionary(), 0, Refused EIO)

    member _.Operations = operations

    /// What went wrong, if it came to that.
    member _.Hit = hit |> Option.map fst

    /// The files there are, with their content.
    member _.Content = [ for pair in names -> pair.Key, pair.Value.Written ]

    /// What remains of this disk, as a disk on which another operation goes wrong.
    member _.Remaining(remains, at, fault) =
        let copy bytes = { Written = bytes; Durable = bytes }
        let found = Dictionary()

        for pair in (if remains = Flushed then durable else names) do
            let bytes = if remains = Everything then pair.Value.Written else pair.Value.Durable
            found[pair.Key] <- copy (Array.copy bytes)

        MemoryDisk(found, Dictionary found, at, fault)

    interface IDisk with
        member _.FileExists path = names.ContainsKey path

        member _.DirectoryExists path =
            directories.Contains path
            || names.Keys |> Seq.exists (fun name -> name.StartsWith(path + "/", StringComparison.Ordinal))

        member _.Files directory =
            names.Keys
            |> Seq.filter (within directory)
            |> Seq.sortWith (fun a b -> String.CompareOrdinal(a, b))
            |> Seq.toArray
            :> IReadOnlyList<string>

        member _.Directories directory =
            let below = directory + "/"

            Seq.append names.Keys (directories |> Seq.map (fun made -> made + "/"))
            |> Seq.filter (fun name ->
                name.StartsWith(below, StringComparison.Ordinal) && name.IndexOf('/', below.Length) > 0)
            |> Seq.map (fun name -> name[.. name.IndexOf('/', below.Length) - 1])
            |> Seq.distinct
            |> Seq.sortWith (fun a b -> String.CompareOrdinal(a, b))
            |> Seq.toArray
            :> IReadOnlyList<string>

        member _.CreateDirectory path = operate $"make {path}" 0 (fun _ -> directories.Add path |> ignore)

        member _.RenameDirectory(source, target) =
            operate $"rename {source}" 0 (fun _ ->
                let moved (name: string) = target + name[source.Length ..]

                for name in names.Keys |> Seq.filter (inside source) |> Seq.toArray do
                    let content = names[name]
                    names.Remove name |> ignore
                    names[moved name] <- content

                for made in directories |> Seq.filter (fun made -> made = source || inside source made) |> Seq.toArray do
                    directories.Remove made |> ignore
                    directories.Add(moved made) |> ignore)

        member _.DeleteDirectory(path, withContent) =
            operate $"delete {path}" 0 (fun _ ->
                let content = names.Keys |> Seq.filter (inside path) |> Seq.toArray

                if content.Length > 0 && not withContent then
                    raise (IOException $"Directory not empty : '{path}'")

                content |> Array.iter (names.Remove >> ignore)
                directories.RemoveWhere(fun made -> made = path || inside path made) |> ignore)

        member _.Read(path, most) =
            let bytes = (content path).Written
            operate $"read {path}" 0 ignore

            if int64 bytes.Length > most then
                raise (UnfitFileException $"it has {bytes.Length} bytes, expected at most {most}")

            Array.copy bytes

        member _.Open path =
            let found = content path
            operate $"open {path}" 0 ignore

            {
                new IOpenFile with
                    member _.Length = int64 found.Written.Length
                    // Other bytes are another array.
                    member _.Written =
                        DateTime(int64 (Runtime.CompilerServices.RuntimeHelpers.GetHashCode found.Written))

                    member _.Read(place, target) =
                        let bytes = found.Written
                        let from = int (min place (int64 bytes.Length))
                        let count = min target.Length (bytes.Length - from)
                        ReadOnlySpan(bytes, from, count).CopyTo target
                        count

                    member _.Dispose() = ()
            }

        member _.Write(path, bytes) =
            let bytes = bytes.ToArray()

            operate $"write {path}" bytes.Length (fun size ->
                let content =
                    match names.TryGetValue path with
                    | true, content -> content
                    | _ -> { Written = [||]; Durable = [||] }

                content.Written <- bytes[.. size - 1]
                names[path] <- content)

        member _.Append(path, bytes) =
            let bytes = bytes.ToArray()

            operate $"append {path}" bytes.Length (fun size ->
                let content =
                    match names.TryGetValue path with
                    | true, content -> content
                    | _ -> { Written = [||]; Durable = [||] }

                content.Written <- Array.append content.Written bytes[.. size - 1]
                names[path] <- content)

        member _.Flush path =
            operate $"flush {path}" 0 (fun _ ->
                let content = content path
                content.Durable <- content.Written)

        member _.Rename(source, target) =
            operate $"rename {source}" 0 (fun _ ->
                let content = content source
                names.Remove source |> ignore
                names[target] <- content)

        member _.Delete path = operate $"delete {path}" 0 (fun _ -> names.Remove path |> ignore)

        member _.FlushDirectory path =
            operate $"flush directory {path}" 0 (fun _ ->
                for name in durable.Keys |> Seq.filter (within path) |> Seq.toArray do
                    durable.Remove name |> ignore

                for name in names.Keys |> Seq.filter (within path) do
                    durable[name] <- names[name])

        member _.Hold path =
            operate $"hold {path}" 0 ignore

            if held.Add path then
                {
                    new IDisposable with
                        member _.Dispose() = held.Remove path |> ignore
                }
            else
                null

        member _.IsHeld path = held.Contains path
