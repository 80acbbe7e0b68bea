/// Studies that go on until their claims are decided: which trainings count is a function of what they came to in the order of their seeds, whoever did
/// them, and in whatever order.
module Interp.Properties.DecidingLaws

open System
open Expecto
open Interp
open Interp.Host.Surveys
open Interp.Properties.Laws
open Interp.Properties.MemoryDisk
open Interp.Properties.SurveyGiven

let private ofRule name rule : Claim =
    match Rules.parse [] rule with
    | Ok conditions -> { Name = name; About = None; Sentence = $"{name}."; Conditions = conditions }
    | Error sentence -> failtest sentence

let private mine = ofRule "mine" "held_out_loss > 2"

let private study = {
    Survey.standard with
        Variants = [ Plain; Smeared ]
        Sweeps = [ { Field = Field.Batch; Values = [ Whole 8; Whole 16 ] } ]
        Seeds = 40
        Steps = 1
        Claims = [ mine ]
        UntilDecided = true
}

/// Everything that the study's own claims ask for, always the same; a loss that is above 2 in most trainings, in more of them of some kinds.
let private answered (item: SurveyItem) : FinishedItem =
    let key = Key.split (uint64 item.Index) (Key.ofSeed 7UL)
    let rate = 0.7 + 0.1 * float (item.Index / study.Seeds)
    let draw = Key.uniform 1 key |> Array.head |> float

    let given = result item

    let quantities = [
        for quantity in asked item.Variant ->
            quantity,
            (if quantity = Quantity.HeldOutLoss then
                 (if draw < rate then 5.0 else 1.0)
             else
                 0.4)
    ]

    FinishedItem({ given with Quantities = quantities }, 0.125, "1.0")

/// The seeds that count of each kind, worked out from all of its trainings.
let private counted =
    lazy
        (Survey.items study
         |> List.chunkBySize study.Seeds
         |> List.map (fun kind ->
             Deciding.standing
                 study.Seeds
                 (Survey.claimsOf study kind.Head)
                 (kind |> List.map (fun item -> Some (answered item).Result))))

let private planned () =
    let disk = MemoryDisk()
    disk, plan (shared disk) study

let private alone =
    lazy
        (let disk, directory = planned ()
         let progress, worked = runWith 1 answered directory directory.Items
         progress, worked, merged disk)

let private standing =
    testList "standing" [
        law
            200
            "a kind has enough at the first seed by which every claim is decided, and what comes later is of no account"
            (fun key ->
                let claims = [ mine; ofRule "other" "direct_path > 0" ]
                let rates = Key.uniform 2 key |> Array.map float
                let item = (Survey.items study).Head
                let most = 30

                let outcomes =
                    List.init most (fun seed ->
                        let key = Key.split (uint64 seed) key
                        let draws = Key.uniform 2 key |> Array.map float

                        if integer 0 9 1 key = 0 then
                            None
                        else
                            Some {
                                result item with
                                    Quantities = [
                                        Quantity.HeldOutLoss, (if draws[0] < rates[0] then 3.0 else 1.0)
                                        if integer 0 5 2 key > 0 then
                                            Quantity.DirectPath, (if draws[1] < rates[1] then 1.0 else -1.0)
                                    ]
                            })

                // By the definition: the sequence of each beginning.
                let decided claim count =
                    let trials =
                        outcomes
                        |> List.truncate count
                        |> List.choose id
                        |> List.map (fun result -> (Claim.judge (Map.ofList result.Quantities) claim).Verdict)
                        |> List.filter ((<>) NotMeasured)
                        |> List.map ((=) Holds)

                    SurveySummary.verdict (ConfidenceSequence.ofTrials trials) <> Undecided

                let first =
                    [ 1..most ] |> List.tryFind (fun count -> claims |> List.forall (fun claim -> decided claim count))

                for count in [ 0..most ] do
                    let expected =
                        match first with
                        | Some first when first <= count -> { Seeds = first; Closed = true }
                        | _ -> { Seeds = count; Closed = (count = most) }

                    Expect.equal
                        (Deciding.standing most claims (List.truncate count outcomes))
                        expected
                        $"after {count}")

        test "claims that hold a training against another kind's are not waited for" {
            let item = Survey.items Survey.standard |> List.find (fun item -> item.Variant = TwoLayer)
            let names = Survey.claimsOf Survey.standard item |> List.map _.Name
            Expect.isFalse (List.contains "two-layer-worse-than-smeared" names) "decided with the others"
            Expect.contains names "two-layer-better" "the rest is"
        }

        test "claims that nobody measures at a setting are not waited for" {
            let one = { study with Sweeps = [ { Field = Field.NHeads; Values = [ Whole 1 ] } ] }
            let item = Survey.items one |> List.find (fun item -> item.Variant = Smeared)
            let names = Survey.claimsOf one item |> List.map _.Name
            Expect.isFalse (List.contains "smeared-two-and-two" names) "one head has no second"
            Expect.contains names "smeared-both-kinds" "the others are"
            Expect.contains names "mine" "the user's are"
        }
    ]

let private runs =
    testList "runs" [
        test "one process does what counts and nothing else, seed by seed" {
            let progress, worked, files = alone.Value
            let seeds = counted.Value |> List.map _.Seeds
            Expect.isTrue (counted.Value |> List.forall _.Closed) "all are decided, or at the most"
            Expect.isGreaterThan (List.distinct seeds).Length 1 "kinds differ"
            Expect.isLessThan (List.min seeds) study.Seeds "some kind is decided early"
            Expect.equal progress.Trained (List.sum seeds) "trained"
            Expect.equal progress.Spared (Survey.items study |> List.length |> fun all -> all - List.sum seeds) "spared"

            Expect.equal
                (worked |> List.map (fun index -> index % study.Seeds))
                (worked |> List.map (fun index -> index % study.Seeds) |> List.sort)
                "in the order of seeds"

            let csv = files |> List.find (fun (path, _) -> path.EndsWith "results.csv") |> snd
            let rows = Text.Encoding.UTF8.GetString(csv).Trim().Split('\n').Length - 1
            Expect.equal rows (List.sum seeds) "rows"
        }

        test "the summary's verdicts are those by which it stopped, and its intervals the sequence's" {
            let _, directory = planned ()
            runWith 1 answered directory directory.Items |> ignore
            let summary = SurveySummary.ofSurvey study (List.ofSeq (directory.Again().Results))
            Expect.equal summary.ClaimIntervals ClaimIntervals.Sequence "which intervals"

            let ofMine = summary.Claims |> List.filter (fun each -> each.Claim = mine)

            for kind, standing in List.zip ofMine counted.Value do
                Expect.equal kind.Trainings standing.Seeds "trainings"

                if standing.Seeds < study.Seeds then
                    Expect.equal (SurveySummary.verdict kind.Interval) Replicates "it is decided"
        }

        law 6 "any processes with any shares in any order come to the same files" (fun key ->
            let _, _, expected = alone.Value
            let disk, directory = planned ()
            let items = List.ofSeq directory.Items

            for share in 1 .. integer 1 4 1 key do
                let some = items |> List.filter (fun item -> integer 0 3 (share * 1000 + item.Index) key = 0)
                runWith (integer 1 3 2 key) answered directory some |> ignore

            runWith 2 answered directory items |> ignore
            Expect.equal (merged disk) expected "the merged files"
            let progress, worked = runWith 1 answered directory items
            Expect.equal (progress.Trained, worked) (0, []) "nothing is done again")

        test "only what has no gap before it counts" {
            let _, directory = planned ()
            let kind = directory.Items |> Seq.truncate study.Seeds |> List.ofSeq
            // Nothing stops it: of no kind there is a beginning.
            runWith 1 answered directory (kind |> List.skip 2) |> ignore
            let now = directory.Again()
            Expect.isEmpty (List.ofSeq now.Results) "results"
            Expect.contains (List.ofSeq now.Missing) 0 "missing"
            runWith 1 answered directory [ kind[0] ] |> ignore
            Expect.equal (directory.Again().Results |> Seq.map _.Item.Index |> List.ofSeq) [ 0 ] "one"
        }

        test "a failed training is no trial and stops nothing" {
            let _, directory = planned ()

            let fails (item: SurveyItem) = if item.Index = 3 then failwith "It burst." else answered item

            let progress, _ = runWith 1 fails directory directory.Items
            Expect.equal progress.Failed.Count 1 "failed"
            let now = directory.Again()
            Expect.equal (List.ofSeq now.Missing) [ 3 ] "it is missing, and is all that is"
            // Done after all, the kind is what it would have been.
            runWith 1 answered now now.Items |> ignore
            let again = now.Again()
            Expect.equal again.Results.Count (counted.Value |> List.sumBy _.Seeds) "all that counts"
        }
    ]

[<Tests>]
let tests = testList "Deciding" [ standing; runs ]
