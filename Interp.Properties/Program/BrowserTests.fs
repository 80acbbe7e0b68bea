/// The report in a browser: at several widths, in the dark, printed.
module Interp.Properties.BrowserTests

open System.IO
open Expecto
open Interp.Properties.Browser
open Interp.Properties.Processes

/// A telephone, a tablet or half a screen, a screen.
let widths = [ 390; 800; 1400 ]

/// What every page keeps, at every width, in light and dark.
let looks = [
    for width in widths do
        for scheme in [ "light"; "dark" ] -> { usual with Width = width; Features = [ "prefers-color-scheme", scheme ] }
]

/// A page of any kind: it does nothing that it should not, fits, and can be read.
let keeps (file: string) =
    for look in looks do
        visit look file (fun page ->
            settled page
            let where = $"at {look.Width} px, {snd look.Features.Head}"
            behaved page
            Expect.equal (overflowing page) [] $"what does not fit {where}"
            Expect.equal (clippedTables page) [] $"tables that are clipped {where}"
            // It takes seconds: each width once, in one of the two colours.
            if (look.Width = 800) = (snd look.Features.Head = "dark") then
                Expect.equal (serious page) [] $"what axe finds {where}")

let private report () = Path.Combine(Reproduced.directory (), "report.html")

/// Printed pages of a report of one sort of model or of all.
let private mostPages = 12

/// What a sentence of a user's may hold.
let private hostile =
    "</script><script>alert(1)</script> \"quotes\" 'single' <img src=x onerror=alert(2)> & &lt; ]]> -->"

/// A small study that kept its weights, with a claim whose sentence would break a page.
let private study =
    lazy
        (let place = Directory.CreateTempSubdirectory "interp-study-page-"
         System.AppDomain.CurrentDomain.ProcessExit.Add(fun _ -> place.Delete true)

         let claims, directory =
             Path.Combine(place.FullName, "claims.txt"), Path.Combine(place.FullName, "study")

         File.WriteAllText(claims, $"name: mine\nsentence: {hostile}\nrule: held_out_loss < 9\n")

         succeeds (
             interp (
                 [ "study"; "--variants"; "plain,two-layer"; "--seeds"; "2"; "--steps"; "3" ]
                 @ [ "--sweep"; "d_head=4"; "--keep-weights"; "--claims"; claims; "--out"; directory ]
             )
         )

         directory)

let private studyPage () = Path.Combine(study.Value, "report.html")

/// A distribution on a study's page.
let private distribution = "svg[data-name=\"distribution-held-out-loss\"]"

/// The model that a live page shows.
let private chosen = "document.querySelector('[data-view=choose] select')?.selectedOptions[0].text"

/// Where the first dot of a figure is, as shares of its width and height.
let private firstDot (page: Opened) =
    let place axis size =
        value<float>
            $"(() => {{ const svg = document.querySelector('{distribution}'); return JSON.parse(svg.dataset.says).marks[0].at[{axis}] / svg.viewBox.baseVal.{size}; }})()"
            page

    place 0 "width", place 1 "height"

/// Printed pages of a study's page: its claims, and every quantity's picture.
let private mostPagesOfStudy = 14

let private studyTests =
    testList "a study's page" [
        test "fits every width, and can be read in light and dark, whatever a claim says" {
            needsBrowser ()
            keeps (studyPage ())

            visit usual (studyPage ()) (fun page ->
                Expect.stringContains (text "main" page) hostile "the claim, as text"

                Expect.equal
                    (value<int> "document.querySelectorAll('main script, main img').length" page)
                    0
                    "elements of it")
        }

        test "is printed on few pages" {
            needsBrowser ()

            visit usual (studyPage ()) (fun page ->
                Expect.isLessThanOrEqual (printedPages page) mostPagesOfStudy "pages")
        }

        test "has dots that say their seed and value to a pointer, and open their training" {
            needsBrowser ()

            visit usual (studyPage ()) (fun page ->
                let across, down = firstDot page
                hover distribution across down page

                Expect.isMatch
                    (text ".figure-tip" page)
                    @"^seed 1: \d\.\d{4} nats a letter, plain\. A click opens its live page$"
                    "in words"


                Expect.equal
                    (value<string> $"getComputedStyle(document.querySelector('{distribution}')).cursor" page)
                    "pointer"
                    "the cursor"

                behaved page
                let address = leads clickAway page
                Expect.stringContains address "/explore.html#model=plain" "where it leads"
                until $"{chosen} === 'plain, seed 1'" page)
        }

        test "has dots that the keyboard steps through, and Enter opens" {
            needsBrowser ()

            visit usual (studyPage ()) (fun page ->
                press "Tab" page
                focus distribution page
                settled page
                Expect.stringContains (text ".figure-live" page) "arrow keys" "how to go on"
                press "ArrowDown" page
                Expect.stringContains (text ".figure-live" page) "two-layer" "the other row"
                press "End" page
                let said = text ".figure-live" page
                Expect.stringEnds said "Enter opens its live page" "what Enter does"
                let seed = said.Substring("seed ".Length, 1)
                leads (pressAway "Enter") page |> ignore
                until $"{chosen} === 'two-layer, seed {seed}'" page)
        }
    ]

[<Tests>]
let tests =
    testSequencedGroup oneAtATime
    <| testList "Browser" [
        test "a report fits every width, and can be read in light and dark" { keeps (report ()) }

        test "a figure says what is under the pointer, and what the arrows go to" {
            visit usual (report ()) (fun page ->
                let figure = "svg.figure[data-says*='cells']"
                hover figure 0.5 0.5 page
                Expect.isMatch (text ".figure-tip" page) @"\d" "under the pointer"
                press "Tab" page
                focus figure page
                press "Home" page
                let first = text ".figure-tip" page
                press "ArrowRight" page
                Expect.notEqual (text ".figure-tip" page) first "by the arrow"
                Expect.equal (text ".figure-live" page) (text ".figure-tip" page) "what is heard"
                behaved page)
        }

        test "a report is printed on few pages" {
            visit usual (report ()) (fun page -> Expect.isLessThanOrEqual (printedPages page) mostPages "pages")
        }

        test "figures are kept as drawings, tables as values" {
            visit usual (report ()) (fun page ->
                let press what =
                    value<string>
                        $"""
                        new Promise(done => {{
                            const button = [...document.querySelectorAll('figcaption .saving button, .scroll + .saving button')].find(b => b.textContent === '{what}');
                            button.click();
                            setTimeout(() => done(button.textContent), 300);
                        }})
                        """
                        page

                Expect.isMatch (press "Save as SVG") "^Saved [a-z-]+\\.svg$" "a figure"
                Expect.isMatch (press "Copy as CSV") "^(Copied|Saved .*\\.csv)$" "a table"
                behaved page)
        }

        test "the first screen, timed" {
            visit usual (report ()) (fun page ->
                let paint = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1"
                until $"({paint}) > 0" page
                let shown = value<float> paint page
                Processes.report $"The report's first screen stands after {shown:F0} ms.")
        }

        studyTests
    ]
