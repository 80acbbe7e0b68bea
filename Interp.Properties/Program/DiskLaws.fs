/// Everything that is written goes through one door, and is complete or absent where that door sticks.
module Interp.Properties.DiskLaws

open System
open System.IO
open System.Text.RegularExpressions
open Expecto
open Interp.Host.Endings
open Interp.Host.Figures
open Interp.Host.Files
open Interp.Properties.Laws
open Interp.Properties.MemoryDisk

let private host = Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "..", "..", "Interp.Host"))

/// Lines of a source that reach for files past `IDisk`; what is commented out or quoted does not count.
let private past (source: string) =
    source.Split '\n'
    |> Array.filter (fun line ->
        let code = Regex.Replace(Regex.Replace(line, "//.*$", ""), "\\$?\"[^\"]*\"", "")

        Regex.IsMatch(
            code,
            @"(?<![.\w])(System\.IO\.)?(File|Directory|FileInfo|DirectoryInfo|FileStream|StreamWriter)\s*[.(]"
        ))
    |> Array.filter (fun line -> not (Regex.IsMatch(line, @"\b(options|page|this)\.Directory")))

let private sources =
    Directory.GetFiles(host, "*.cs", SearchOption.AllDirectories)
    |> Array.filter (fun path -> not (path.Contains "/obj/" || path.Contains "/bin/"))

/// Two small pictures.
let private figures =
    Func<_>(fun () ->
        [|
            for name in [ "one"; "two" ] -> Figure(name, "nothing", 40, 30, (fun () -> new ScottPlot.Plot()))
        |]
        :> Collections.Generic.IReadOnlyList<Figure>)

let private draw disk = PictureFiles.Write(disk, Some "/pictures", figures)

[<Tests>]
let tests =
    testList "Disk" [
        test "File and Directory occur in one file of the host" {
            Expect.isGreaterThan sources.Length 50 "the sources were found"

            for path in sources do
                if Path.GetFileName path <> "Disk.cs" then
                    Expect.isEmpty (past (File.ReadAllText path)) path
        }

        test "a planted use of File is seen" {
            let planted = "var x = 1;\n    File.WriteAllText(path, text);\n"
            Expect.equal (past planted).Length 1 "the line"
            Expect.equal (past "return new FileStream(path, mode);").Length 1 "a stream"
            Expect.isEmpty (past "// File.Exists\nvar s = \"File.Exists\"; ModelFile.Load(disk, path);") "words"
        }

        test "pictures are all there or none, whatever operation fails" {
            let whole = MemoryDisk()
            let written = draw whole
            Expect.equal (List.ofSeq written) [ "/pictures/one.png"; "/pictures/two.png" ] "both"
            Expect.equal (whole.Content |> List.map fst |> List.sort) (List.ofSeq written) "and nothing else"

            for at in 1 .. whole.Operations do
                for fault in [ Refused; Torn 10; Full ] do
                    let disk = MemoryDisk().Remaining(Everything, at, fault)

                    try
                        draw disk |> ignore
                    with :? FailedException as failed ->
                        Expect.stringContains failed.Message "/pictures" "where"
                        Expect.isFalse (failed.Message.Contains '\n') "one sentence"

                    let left =
                        disk.Content
                        |> List.filter (fun (path, _) -> path.StartsWith("/pictures/", StringComparison.Ordinal))

                    let complete =
                        left |> List.forall (fun (path, bytes) -> whole.Content |> List.contains (path, bytes))

                    Expect.isTrue complete $"{fault} at {at}: a torn picture"

                    Expect.isTrue (left.Length = 0 || left.Length = 2) $"{fault} at {at}: %A{left |> List.map fst}"
        }
    ]
