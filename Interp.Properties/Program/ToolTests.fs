/// The program as an installed tool: what it prints names no source tree, and what it leaves for later outlives an update.
module Interp.Properties.ToolTests

open System
open System.IO
open System.Text
open Expecto
open Interp.Host.Surveys
open Interp.Runs.Files
open Interp.Runs.Surroundings
open Interp.Properties.MemoryDisk
open Interp.Properties.ModelFiles
open Interp.Properties.Processes

let private disk (files: string list) =
    let disk = MemoryDisk()

    for file in files do
        (disk: IDisk).Write(file, ReadOnlySpan [||])

    disk

let private version =
    "/home/ada/.dotnet/tools/.store/interp.tool/1.0.0/interp.tool.linux-x64/1.0.0/tools/net10.0/linux-x64/"

let private shim = "/home/ada/.dotnet/tools/interp"

let private programs =
    testList "is started again" [
        test "by the file that starts whichever version is installed" {
            for running in [ shim; version + "interp"; "/usr/bin/dotnet" ] do
                let found = SlurmScript.Program(disk [ shim; version + "interp.dll" ], version, running)
                Expect.equal (List.ofSeq found.Words) [ shim ] running
                Expect.isTrue found.Lasts "after an update"
        }

        test "by its own files where there is no such file" {
            for files, place in [ [], version; [ shim ], "/home/ada/interp/bin/" ] do
                let found = SlurmScript.Program(disk files, place, "/usr/bin/dotnet")
                Expect.equal (List.ofSeq found.Words) [ "/usr/bin/dotnet"; Path.Combine(place, "interp.dll") ] place
                Expect.isFalse found.Lasts "after an update"
        }
    ]

let private script = test "a script for Slurm says which version wrote it, and what an update asks for" {
    let written lasts = SlurmScript.Of(ProgramWords([ shim ], lasts), "/data/my study", 6, 2, 1, null)

    let comment lasts = (written lasts).Split '\n' |> Array.find (fun line -> line.StartsWith "# Written by")

    for lasts in [ true; false ] do
        Expect.stringContains (comment lasts) $"interp {Product.Version}. " "the version"
        Expect.stringContains (written lasts) $"\nexec {shim} study run '/data/my study' --array" "the command"

    Expect.stringContains (comment true) "the version that is installed by then" "which one runs"

    Expect.stringContains
        (comment false)
        "after an update, or a move, print this again with `interp study slurm '/data/my study' > study.sbatch`"
        "what to do"
}

let private sources = test "nothing that it prints names the source tree" {
    let program = typeof<ProgramWords>.Assembly.Location
    let place = Path.GetDirectoryName program

    let parts =
        [ "CommandLine"; "Functional"; "Pictures"; "Runs" ]
        |> List.map (fun name -> Path.Combine(place, $"Interp.{name}.dll"))

    for file in program :: parts do
        // Literals are in UTF-16, scripts and styles of pages in UTF-8.
        for encoding in [ Encoding.Unicode; Encoding.UTF8 ] do
            let found = ReadOnlySpan(File.ReadAllBytes file).IndexOf(ReadOnlySpan(encoding.GetBytes "dotnet run"))
            Expect.equal found -1 file
}

let private colours = test "a terminal has colours unless NO_COLOR is set, and a pipe has none" {
    if (shell "command -v script").ExitCode <> 0 then
        skiptest "there is no `script` here to make a terminal"

    withModel (fun directory _ ->
        let line = $"'{dotnet}' '{host}' circuits '{directory}'"

        let coloured environment command =
            (shell $"export TERM=xterm-256color; {environment} {command}").Output.Contains "\u001b[38"

        let terminal = $"script -qec \"{line}\" /dev/null"
        Expect.isTrue (coloured "unset NO_COLOR;" terminal) "a terminal"
        Expect.isFalse (coloured "export NO_COLOR=1;" terminal) "without colours"
        Expect.isFalse (coloured "unset NO_COLOR;" line) "a pipe")
}

[<Tests>]
let tests = testList "Tool" [ programs; script; sources; colours ]
