/// What is written is complete or absent, whatever the disk does.
module Interp.Properties.DiskLaws

open System
open Expecto
open Interp.Runs.Endings
open Interp.Pictures
open Interp.Host.Drawn
open Interp.Runs.Files
open Interp.Properties.Laws
open Interp.Properties.MemoryDisk

/// Two small pictures.
let private figures =
    Func<_>(fun () ->
        [|
            for name in [ "one"; "two" ] -> Figure(name, "nothing", 40, 30, (fun () -> Drawing("", "", "")))
        |]
        :> Collections.Generic.IReadOnlyList<Figure>)

let private draw disk = PictureFiles.Write(disk, Some "/pictures", figures)

[<Tests>]
let tests =
    testList "Disk" [
        test "pictures are all there or none, whatever operation fails" {
            let whole = MemoryDisk()
            let written = draw whole
            Expect.equal (List.ofSeq written) [ "/pictures/one.png"; "/pictures/two.png" ] "both"
            Expect.equal (whole.Content |> List.map fst |> List.sort) (List.ofSeq written) "and nothing else"

            for at in 1 .. whole.Operations do
                for fault in [ yield! Errno.all |> List.map Refused; Torn 10; Full ] do
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
