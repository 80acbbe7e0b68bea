/// Weights that a study keeps: beside every finished item and whole, whatever happened; and no result depends on them.
module Interp.Properties.KeptWeightsLaws

open System
open System.IO
open Expecto
open Interp
open Interp.Runs.Endings
open Interp.Runs.Files
open Interp.Runs.Directories
open Interp.Host.Surveys
open Interp.Properties.Laws
open Interp.Properties.MemoryDisk
open Interp.Properties.Processes
open Interp.Properties.SurveyGiven

/// A study that keeps its weights, all done.
let private kept study =
    let disk = MemoryDisk()
    let directory = planKeeping true disk study
    run directory directory.Items |> ignore
    disk, directory

let private small = { Survey.standard with Variants = [ Plain; TwoLayer ]; Seeds = 1 }

let private write (disk: MemoryDisk) path (bytes: byte[]) = (disk :> IDisk).Write(path, ReadOnlySpan bytes)

let private smallAlone = lazy (aloneKeeping true small)

/// With whatever stands where an item's weights were, the small study is as done as before.
let private asDone (disk: MemoryDisk) =
    let directory = SurveyDirectory.Open(disk, place)
    Expect.isEmpty directory.Missing "missing"
    Expect.isEmpty directory.DamagedFiles "damaged"
    Expect.isEmpty (run directory directory.Items |> snd) "done again"
    Expect.equal (merged disk) smallAlone.Value "the merged files"

let private whatIsKept =
    testList "what is kept" [
        law 10 "is the model of every item, and changes no result" (fun key ->
            let study = study key
            let disk, directory = kept study
            keptAsPlanned disk

            for item in directory.Items do
                let read = ModelFile.Load(disk, directory.KeptWeights(result item))
                Expect.equal read.Architecture item.Configuration.Architecture "shape"
                Expect.equal read.Task (Some item.Configuration.Task) "task"
                Expect.equal (read.Seed, read.Steps) (item.Configuration.Seed, item.Configuration.Steps) "training"
                Expect.equal (Checkpoint.weightsSha256 read.Weights) (result item).Weights "weights"

            let tables files = files |> List.filter (fun (path: string, _) -> Path.GetFileName path <> SurveyFile.Name)
            Expect.equal (tables (merged disk)) (tables (alone study)) "the merged files"
            Expect.isFalse (disk.Content |> List.exists (fun (path, _) -> path.EndsWith AtomicFile.Partial)) "partial")

        test "is nothing where nothing is asked for, and nothing of an item that failed" {
            let disk = MemoryDisk()
            let directory = plan disk small
            run directory directory.Items |> ignore
            keptAsPlanned disk
            let disk = MemoryDisk()
            let directory = planKeeping true disk small
            runWith 1 (fun _ -> raise (ArgumentException "It went wrong")) directory directory.Items |> ignore
            Expect.isFalse (disk.Content |> List.exists (fun (path, _) -> path.EndsWith ".safetensors")) "weights"
        }
    ]

let private damage =
    testList "damaged weights" [
        law 40 "of any kind are not taken for the item's, and are no error" (fun key ->
            let disk, directory = kept small
            let item = one (List.ofSeq directory.Items) 60 key
            let path = weightsPath item
            let bytes = (disk :> IDisk).Read(path, ModelFile.LargestFile)
            // Behind the header, in which a changed byte may be of no account.
            let data = 8 + int (BitConverter.ToUInt64(bytes, 0))
            let at = integer data (bytes.Length - 1) 61 key

            match integer 0 3 62 key with
            | 0 -> bytes |> Array.mapi (fun i b -> if i = at then b ^^^ byte (integer 1 255 63 key) else b)
            | 1 -> bytes[.. integer 0 (bytes.Length - 2) 64 key]
            | 2 -> Array.append bytes [| byte (integer 0 255 63 key) |]
            | _ -> [||]
            |> write disk path

            Expect.isNull (directory.KeptWeights(result item)) "not its weights"
            asDone disk)

        law
            200
            "in whose header a byte is changed are no error, and what is taken for the item's has its weights"
            (fun key ->
                let disk, directory = kept small
                let item = directory.Items[0]
                let path = weightsPath item
                let bytes = (disk :> IDisk).Read(path, ModelFile.LargestFile)
                let at = integer 0 (7 + int (BitConverter.ToUInt64(bytes, 0))) 61 key
                bytes[at] <- bytes[at] ^^^ byte (integer 1 255 63 key)
                write disk path bytes

                if not (isNull (directory.KeptWeights(result item))) then
                    let read = ModelFile.Load(disk, path)
                    Expect.equal (Checkpoint.weightsSha256 read.Weights) (result item).Weights "weights")

        test "those of another item, of another training that came to the same, or none at all are not its own" {
            let disk, directory = kept small
            let item, other = directory.Items[0], directory.Items[1]
            let path = weightsPath item
            write disk path (Checkpoint.toBytes (model other))
            Expect.isNull (directory.KeptWeights(result item)) "another item's"
            let c = { item.Configuration with Seed = 77UL }
            write disk path (Checkpoint.toBytes (Checkpoint.ofRun c c.Steps (model item).Weights None))
            Expect.isNull (directory.KeptWeights(result item)) "another seed's"
            asDone disk
            (disk :> IDisk).Delete path
            Expect.isNull (directory.KeptWeights(result item)) "none"
            asDone disk
            write disk path (Checkpoint.toBytes (model item))
            Expect.equal (directory.KeptWeights(result item)) path "its own again"
        }

        test "that cannot be read, or are too long to be, are as good as none" {
            let disk, directory = kept small
            let item = directory.Items[0]
            let failing = disk.Remaining(Everything, 2, Refused EIO)
            let there = SurveyDirectory.Open(failing, place)
            Expect.isNull (there.KeptWeights(result item)) "it cannot be read"
            Expect.equal failing.Hit (Some $"read {weightsPath item}") "what failed"
            Expect.equal (there.KeptWeights(result item)) (weightsPath item) "it can be read"
        }
    ]

let private interrupted =
    testList "a disk that fails" [
        test "at any operation leaves no finished item without its weights, and the study goes on" {
            let whole, _ = kept small
            let expected = whole.Content |> List.sortBy fst

            for at in 1 .. whole.Operations do
                for fault in [ Refused ENOSPC; Refused EACCES; Torn 1000; Full; Killed ] do
                    let disk = MemoryDisk().Remaining(Everything, at, fault)

                    try
                        let directory = planKeeping true disk small
                        run directory directory.Items |> ignore
                    with
                    | Gone -> ()
                    | :? FailedException as failure -> isSentence failure.Message
                    | :? BadInputException as refusal -> isSentence refusal.Message

                    for remains in Everything :: (if fault = Killed then [ Flushed; NamesFirst ] else []) do
                        let disk = disk.Remaining(remains, 0, Refused EIO)
                        keptAsPlanned disk
                        let directory = planKeeping true disk small
                        run directory directory.Items |> ignore

                        let found =
                            disk.Content
                            |> List.filter (fun (path, _) -> not (path.EndsWith AtomicFile.Partial))
                            |> List.sortBy fst

                        Expect.equal found expected $"the files after {fault} at {at}"
        }
    ]

[<Tests>]
let tests = testList "kept weights" [ whatIsKept; damage; interrupted ]
