/// The page of a study over many seeds, of made-up results.
module Interp.Properties.SurveyReportTests

open System
open System.IO
open System.Text.Json
open System.Text.RegularExpressions
open Expecto
open Interp
open Interp.Host.Commands
open Interp.Host.Explorer
open Interp.Runs.Files
open Interp.Host.Report
open Interp.Runs.Results
open Interp.Host.Surveys
open Interp.Properties.Laws
open Interp.Properties.Pages
open Interp.Properties.Processes
open Spectre.Console

let private study = { Survey.standard with FirstSeed = 5UL; Seeds = 5; Steps = 30 }

/// All quantities that the study's claims ask for, and one of a user's own; a two-layer model has more.
let private results (study: Survey) : SurveyResult list =
    Survey.items study
    |> List.map (fun item ->
        let names = SurveyGiven.asked item.Variant
        let values = floats (normal [ names.Length ] item.Index (Key.ofSeed 1UL))

        {
            Item = item
            Quantities = (Quantity.Own "my own <b>", 2.0) :: List.zip names (List.ofArray values)
            HeldOut = [ 0, 3.3; 15, 3.0; 30, 2.5 + 0.1 * values[0] ]
            Weights = ""
        })

let private writeWith (live: SurveyLivePages) keeps study (results: SurveyResult list) failed directory =
    use staged = StagedDirectory.Create(Disk.Instance, directory)

    SurveyReport.Files(
        Interp.Host.Surveys.StoredSurvey.Of(study, keeps),
        ResizeArray results,
        failed,
        (let done' = results |> List.map _.Item.Index in
         let all = Survey.items study |> List.map _.Index in
         ResizeArray(all |> List.except done')),
        SurveySummary.ofResults Claims.study results,
        live,
        directory
    )
    |> staged.Publish

    File.ReadAllText(Path.Combine(directory, SurveyReport.Report))

let private write study = writeWith SurveyLivePages.None false study

let private inDirectory test = Processes.inDirectory (fun directory -> test (Path.Combine(directory, "a study")))

let private text (markup: string) =
    Regex.Replace(markup, "<[^>]*>", " ")
    |> Net.WebUtility.HtmlDecode
    |> fun text -> Regex.Replace(text, "\\s+", " ")

let private sound directory page =
    needsNothingElse page
    linksLeadSomewhere page
    figuresExplain "study" page
    picturesAreFiles directory page

[<Tests>]
let tests =
    testSequenced
    <| testList "SurveyReport" [
        test "it opens with every claim, in how many trainings it holds, interval and verdict" {
            inDirectory (fun directory ->
                let results = results study
                let page = write study results [||] directory
                sound directory page
                let first = page.Substring(page.IndexOf("<main", StringComparison.Ordinal))

                Expect.isLessThan
                    (first.IndexOf("<table class=\"claims\"", StringComparison.Ordinal))
                    (first.IndexOf("<p", StringComparison.Ordinal))
                    "nothing stands before the table"

                let rows =
                    matches "<table class=\"claims\">(.*?)</table>" page
                    |> List.collect (matches "<tr><th scope=\"row\">(.*?)</tr>")

                let claims = (SurveySummary.ofResults Claims.study results).Claims
                Expect.equal rows.Length claims.Length "a row a claim"

                for row, claim in List.zip rows claims do
                    let row = text row
                    Expect.stringContains row claim.Claim.Sentence "sentence"
                    Expect.stringContains row $"{claim.Holds} of {claim.Trainings}" "count"

                    let verdict =
                        match SurveySummary.verdict claim.Interval with
                        | Replicates -> "✓ replicates"
                        | DoesNotReplicate -> "✗ does not replicate"
                        | Undecided -> "? undecided"

                    Expect.stringContains row verdict "verdict")
        }

        test "the same results give the same bytes, in any order" {
            inDirectory (fun directory ->
                let results = results study
                let page = write study results [||] directory
                Expect.equal (write study (List.rev results) [||] directory) page "page")
        }

        test "a sweep has its settings, and what failed or is missing is said" {
            inDirectory (fun directory ->
                let study = {
                    study with
                        Sweeps = [ { Field = Field.DHead; Values = [ Whole 4; Whole 8 ] } ]
                        Seeds = 2
                }

                let results =
                    results study |> List.filter (fun result -> result.Item.Index <> 0 && result.Item.Index <> 7)

                let page = write study results [| struct (0, "It <i>burst</i>.") |] directory
                sound directory page
                Expect.stringContains page "It &lt;i&gt;burst&lt;/i&gt;." "why it failed, as text"
                Expect.stringContains (text page) "One planned training is not done yet (item 7)" "what is missing"

                for setting in [ "d_head=4"; "d_head=8" ] do
                    Expect.stringContains page $"<th scope=\"col\">{setting}</th>" "a column a setting"

                Expect.stringContains page "--sweep d_head=4,8 --steps 30 --out &#39;a study&#39;" "the command"
                Expect.stringContains page "Item 0 (plain, d_head=4, seed 5)" "which one failed"
                Expect.stringContains page "from 1 to 2 of 2 random starts each" "what was done, not what was planned"
                Expect.stringContains page "nothing can be decided" "with one training"
                Expect.isFalse (page.Contains "worded for the study") "the shape is the study's")
        }

        test "a setting that came to nothing keeps its row, and other shapes are said to be others" {
            inDirectory (fun directory ->
                let study = {
                    study with
                        Variants = [ Plain ]
                        Sweeps = [ { Field = Field.NHeads; Values = [ Whole 4; Whole 8 ] } ]
                        Seeds = 2
                }

                let results = results study |> List.filter (fun result -> result.Item.Index < 2)
                let failed = [| for index in 2..3 -> struct (index, "It burst.") |]
                let page = write study results failed directory
                sound directory page

                Expect.stringContains
                    (text page)
                    "One layer, plain keys, n_heads=8 0 2 256 30 – – –"
                    "the row of a setting without results"

                Expect.stringContains
                    (text page)
                    "Two trainings failed and count in none of these numbers"
                    "beside the claims"

                Expect.stringContains page "worded for the study" "claims of four heads at eight")
        }

        for what, keep in
            [
                "a single training", (fun (result: SurveyResult) -> result.Item.Index = 0)
                "one variant", (fun result -> result.Item.Variant = Smeared)
                "no training", (fun _ -> false)
            ] do
            test $"{what} is enough for a page" {
                inDirectory (fun directory ->
                    let page = write study (results study |> List.filter keep) [||] directory
                    sound directory page
                    Expect.isFalse ((text page).Contains "NaN") "numbers")
            }

        test "few trainings are said to be too few for p values" {
            inDirectory (fun directory ->
                let said seeds =
                    let study = { study with Seeds = seeds }
                    (text (write study (results study) [||] directory)).Contains "too few trainings"

                // Of five against five there are 252 splits, of seven against seven 3,432: only 2 / 3,432 times some forty comparisons is
                // below 0.05.
                Expect.equal ([ 3; 5; 7 ] |> List.map said) [ true; true; false ] "said")
        }

        test "the terminal's table and the JSON say the same as the summary" {
            let summary = SurveySummary.ofResults Claims.study (results study)
            use words = new StringWriter()
            let console = AnsiConsole.Create(AnsiConsoleSettings(Out = AnsiConsoleOutput words))
            console.Profile.Width <- 200
            ClaimTable.Show(console, summary)
            let lines = words.ToString().Split '\n'
            let json = JsonDocument.Parse(SurveySummaryFile.Bytes summary).RootElement
            let list (name: string) = (item [ name ] json).EnumerateArray() |> Seq.toList
            Expect.equal (list "claims").Length summary.Claims.Length "claims"
            Expect.equal (list "quantities").Length summary.Quantities.Length "quantities"
            Expect.equal (list "comparisons").Length summary.Comparisons.Length "comparisons"

            for json, claim in List.zip (list "claims") summary.Claims do
                Expect.equal
                    ((item [ "holds" ] json).GetInt32(), (item [ "trainings" ] json).GetInt32())
                    (claim.Holds, claim.Trainings)
                    claim.Claim.Name

                Expect.equal (numbersAt [ "interval" ] json) [ claim.Interval.Low; claim.Interval.High ] "interval"

                Expect.exists
                    lines
                    (fun line ->
                        line.Contains claim.Claim.Sentence
                        && line.Contains $" {claim.Holds} of {claim.Trainings} "
                        && line.Contains(textAt [ "verdict" ] json))
                    claim.Claim.Name
        }

        test "a training whose weights were kept is a link that its dots lead to, and else it is said how" {
            inDirectory (fun directory ->
                let results = results study
                let index = results[2].Item.Index
                let links = dict [ index, "explore.html#model=plain%2C%20seed%207" ]
                let files: struct (string * byte[]) array = [| struct ("explore.html", [| 1uy |]) |]
                let live = SurveyLivePages(files, Collections.Generic.Dictionary links)
                let page = writeWith live true study results [||] directory
                let link = Regex.Match(page, $"<a id=\"training-{index}\" href=\"([^\"#]*)#([^\"]*)\">")
                Expect.isTrue link.Success "a link"
                Expect.isTrue (File.Exists(Path.Combine(directory, link.Groups[1].Value))) "to a file"
                Expect.equal (Uri.UnescapeDataString link.Groups[2].Value) "model=plain, seed 7" "to the model"
                // The rest is as ever.
                sound directory (page.Replace(link.Value, "<a>"))
                let says = matches "data-says=\"([^\"]*)\"" page |> List.map Net.WebUtility.HtmlDecode

                let trainings =
                    says
                    |> List.filter _.Contains("\"of\"")
                    |> List.collect (fun says ->
                        let marks = (JsonDocument.Parse says).RootElement |> item [ "marks" ]

                        [
                            for series in marks.EnumerateArray() do
                                match series.TryGetProperty "of" with
                                | true, all ->
                                    let all = [ for one in all.EnumerateArray() -> one.GetInt32() ]
                                    let words = (textAt [ "says" ] series).Split '\n' |> List.ofArray

                                    for training, words in List.zip all words do
                                        Expect.stringEnds
                                            words
                                            $"\tseed {results[training].Item.Configuration.Seed}"
                                            "its seed"

                                    yield! all
                                | _ -> ()
                        ])

                Expect.equal
                    (Set.ofList trainings)
                    (set [ for result in results -> result.Item.Index ])
                    "of every training"

                Expect.stringContains (text page) "a click on it opens its training" "what dots do"
                let said page (part: string) = Expect.stringContains (text page) part "how"
                said (write study results [||] directory) "--keep-weights"
                said (writeWith SurveyLivePages.None true study results [||] directory) "not there any more")
        }

        test "live pages are called by what was planned, and hold every training once" {
            let many = { study with Seeds = 300 }

            for survey in [ study; many ] do
                let pages = SurveyExplorer.Plan survey

                let items = [
                    for struct (_, items) in pages do
                        yield! items
                ]

                Expect.equal items (List.sort items) "in order"
                Expect.equal (List.distinct items) items "once"
                Expect.equal (List.length items) (Survey.items survey).Length "all"

                for struct (name, items) in pages do
                    let expected = if pages.Count = 1 then "explore.html" else $"explore-%06d{items[0]}.html"
                    Expect.equal name expected "name"
        }

        test "names of users' own quantities stay text, and make files" {
            inDirectory (fun directory ->
                let page = write study (results study) [||] directory
                Expect.stringContains page "my own &lt;b&gt;" "the name"
                Expect.isFalse (page.Contains "my own <b>") "an element made of it"
                Expect.isTrue (File.Exists(Path.Combine(directory, "figures", "distribution-my-own--b-.png"))) "file")
        }
    ]
