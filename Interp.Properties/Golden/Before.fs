/// What version 0.1.0 wrote (before/README.md): where it is, and copies of it to go on with.
module Interp.Properties.Before

open System.IO
open Interp.Properties.Processes

/// A file or a directory that was written then.
let before name = Path.Combine(__SOURCE_DIRECTORY__, "before", name)

/// Copies a directory, with what it holds.
let rec copy (source: string) (target: string) =
    Directory.CreateDirectory target |> ignore

    for file in Directory.GetFiles source do
        File.Copy(file, Path.Combine(target, Path.GetFileName file))

    for directory in Directory.GetDirectories source do
        copy directory (Path.Combine(target, Path.GetFileName directory))

/// Runs a test on a copy of a directory.
let withCopy name test =
    inDirectory (fun directory ->
        let place = Path.Combine(directory, name)
        copy (before name) place
        test place)
