/// Random studies, made-up results, and runners on a disk in memory.
module internal Interp.Properties.SurveyGiven

open System
open System.Collections.Concurrent
open System.IO
open System.Threading
open Expecto
open Interp
open Interp.Runs.Files
open Interp.Host.Surveys
open Interp.Properties.Laws
open Interp.Properties.MemoryDisk

/// Sweeps whose values fit one another and every variant.
let private sweeps: Sweep list =
    let whole field values = { Field = field; Values = values |> List.map Whole }
    let number field values = { Field = field; Values = values |> List.map Number }

    [
        whole Field.NHeads [ 1; 2; 8 ]
        whole Field.DModel [ 16; 32; 64 ]
        whole Field.DHead [ 4; 8; 16 ]
        whole Field.DVocab [ 12; 26 ]
        whole Field.BlockLength [ 4; 6; 8 ]
        whole Field.Blocks [ 3; 4 ]
        whole Field.Batch [ 1; 64 ]
        number Field.LearningRate [ 1e-3; 0.1; 3e-4 ]
        number Field.WeightDecay [ 0.0; 1.0 ]
    ]

let private claims: Claim list =
    [
        "lower", Some Plain, "held_out_loss < 2"
        "copies", None, "max(ov over layer 0) - 0.5 > ov_sum_0"
    ]
    |> List.map (fun (name, about, rule) -> {
        Name = name
        About = about
        Sentence = $"It {name}: “so”."
        Conditions = Rules.parse [] rule |> Result.defaultValue []
    })

/// One to three variants, up to two sweeps in any order, up to four seeds.
let study key : Survey =
    let variants =
        Survey.variants |> List.indexed |> List.filter (fun (i, _) -> truth (10 + i) key) |> List.map snd

    {
        Variants = if variants.IsEmpty then [ one Survey.variants 1 key ] else variants
        Task = TaskForm.study
        Sweeps = [ one sweeps 2 key; one sweeps 3 key ] |> List.distinct |> List.truncate (integer 0 2 4 key)
        FirstSeed = uint64 (integer 0 1000 5 key)
        Seeds = integer 1 4 6 key
        Steps = integer 1 10000 7 key
        Claims = if truth 8 key then [] else claims
        // What is made up here decides no claim, so that all seeds are wanted.
        UntilDecided = truth 9 key
    }

/// Everything that the study's claims about a variant ask of its trainings; of every head that of one.
let asked (variant: Variant) : Quantity list =
    let claims = Claims.study |> List.filter (Claim.isAbout variant)

    let ofHeads =
        claims
        |> List.collect Claim.asked
        |> List.choose (fun (part, _) ->
            match part with
            | Part.Head quantity -> Some(Quantity.OfHead(quantity, 0, 0))
            | Part.Layer _ -> None)

    (claims |> List.collect Claim.quantities) @ ofHeads |> List.distinct

/// Whether a study of `study` is to keep its weights.
let keeps key = truth 11 key

/// A model of the item's shape, whose weights are its number.
let model (item: SurveyItem) : Checkpoint =
    let c = item.Configuration

    let weights =
        Model.shapes c.Architecture |> Model.map (fun shape -> Tensor.full shape (float item.Index))

    Checkpoint.ofRun c c.Steps weights None

/// A result that depends on the item alone, as a training's does; now and then a quantity is missing or no number.
let result (item: SurveyItem) : SurveyResult =
    let key = Key.ofSeed (uint64 item.Index)
    let number use' = float (Tensor.item [] (normal [] use' key))

    {
        Item = item
        Quantities = [
            Quantity.HeldOutLoss, number 1
            Quantity.DirectPath, (if item.Index % 7 = 3 then nan else number 2)

            if item.Variant = TwoLayer then
                Quantity.OV(1, Highest), number 3

            if item.Index % 3 > 0 then
                Quantity.Completed PatternKind.Distinct, abs (number 4)
        ]
        HeldOut = [ for step in 10..10..30 -> step, number (10 + step) ]
        Weights = Checkpoint.weightsSha256 (model item).Weights
    }

let finished (item: SurveyItem) = FinishedItem(result item, 0.125 * float item.Index, "1.0")

let trained (item: SurveyItem) = TrainedItem(finished item, fun () -> Checkpoint.toBytes (model item))

/// What a runner tells is not looked at.
let quiet = {
    new ISurveyWatcher with
        member _.Begun(_, _) = ()
        member _.Progressed(_, _, _) = ()
        member _.Done(_, _, _) = ()
        member _.Failed(_, _, _) = ()
        member _.Spared _ = ()
        member _.Remark _ = ()
}

/// Runs a share by `work`, and tells which items that was asked of.
let runBy workers (work: SurveyItem -> TrainedItem) (directory: SurveyDirectory) (share: SurveyItem seq) =
    let worked = ConcurrentQueue<int>()

    let runner =
        SurveyRunner(
            TimeProvider.System,
            directory,
            Array.ofSeq share,
            workers,
            ItemWork(fun item _ _ ->
                worked.Enqueue item.Index
                work item),
            quiet,
            "interp study run HERE"
        )

    let progress = runner.Run CancellationToken.None
    progress, List.ofSeq worked

/// The same by what items come to, with made-up models.
let runWith workers (work: SurveyItem -> FinishedItem) directory share =
    runBy workers (fun item -> TrainedItem(work item, fun () -> Checkpoint.toBytes (model item))) directory share

let run directory share = runWith 1 finished directory share

/// A disk that several threads may use at once, which tells of each operation, and of each file, before it is done; of a file that is
/// about to be held apart.
let private told (before: unit -> unit) (beforeHold: string -> unit) (disk: MemoryDisk) =
    let disk = disk :> IDisk

    let operate perform =
        before ()
        lock disk perform

    {
        new IDisk with
            member _.FileExists path = lock disk (fun () -> disk.FileExists path)
            member _.DirectoryExists path = lock disk (fun () -> disk.DirectoryExists path)
            member _.Files directory = lock disk (fun () -> disk.Files directory)
            member _.Directories directory = lock disk (fun () -> disk.Directories directory)
            member _.RenameDirectory(source, target) = operate (fun () -> disk.RenameDirectory(source, target))
            member _.DeleteDirectory(path, all) = operate (fun () -> disk.DeleteDirectory(path, all))
            member _.CreateDirectory path = operate (fun () -> disk.CreateDirectory path)
            member _.Read(path, most) = operate (fun () -> disk.Read(path, most))
            member _.Open path = operate (fun () -> disk.Open path)

            member _.Write(path, bytes) =
                let bytes = bytes.ToArray()
                operate (fun () -> disk.Write(path, bytes))

            member _.Append(path, bytes) =
                let bytes = bytes.ToArray()
                operate (fun () -> disk.Append(path, bytes))

            member _.Flush path = operate (fun () -> disk.Flush path)
            member _.Rename(source, target) = operate (fun () -> disk.Rename(source, target))
            member _.Delete path = operate (fun () -> disk.Delete path)
            member _.FlushDirectory path = operate (fun () -> disk.FlushDirectory path)

            member _.Hold path =
                beforeHold path
                let held = operate (fun () -> disk.Hold path)

                if isNull held then
                    null
                else
                    {
                        new IDisposable with
                            member _.Dispose() = lock disk held.Dispose
                    }

            member _.IsHeld path = lock disk (fun () -> disk.IsHeld path)
    }

/// A disk that several threads may use at once, on which something happens whenever a file is about to be held.
let disturbed beforeHold disk = told ignore beforeHold disk

/// The same, on which something happens before every operation.
let watched before disk = told before ignore disk

let shared disk = disturbed ignore disk

let place = "/studies/one"

let planKeeping keepsWeights (disk: IDisk) study =
    SurveyDirectory.Plan(disk, place, StoredSurvey.Of(study, keepsWeights))

let plan disk study = planKeeping false disk study

/// The merged files, to the byte.
let merged (disk: MemoryDisk) =
    let directory = SurveyDirectory.Open(disk, place)
    use _ = SurveyMerge.Alone(disk, directory, CancellationToken.None)
    use staged = StagedDirectory.Create(disk, place)
    let struct (_, files) = SurveyMerge.Files directory
    staged.Publish files

    disk.Content
    |> List.filter (fun (path, _) -> Path.GetDirectoryName path = place && not (path.EndsWith ".lock"))
    |> List.sortBy fst

/// What one process makes of a study, from the first item to the last.
let aloneKeeping keepsWeights study =
    let disk = MemoryDisk()
    let directory = planKeeping keepsWeights disk study
    run directory directory.Items |> ignore
    merged disk

let alone study = aloneKeeping false study

/// Where an item's weights are kept.
let weightsPath (item: SurveyItem) = Path.Combine(place, "items", item.Index.ToString "000000" + ".safetensors")

/// Every finished item has its weights beside it where the study keeps them; where it does not, no item has.
let keptAsPlanned (disk: MemoryDisk) =
    if SurveyDirectory.Holds(disk, place) then
        let directory = SurveyDirectory.Open(disk, place)

        for item in directory.Items do
            match directory.Find item |> Option.ofObj with
            | Some found when directory.Stored.KeepsWeights ->
                Expect.equal (directory.KeptWeights found.Result) (weightsPath item) $"weights of item {item.Index}"
            | _ when directory.Stored.KeepsWeights -> ()
            | _ -> Expect.isNull (directory.KeptWeights(result item)) $"weights of item {item.Index}"
