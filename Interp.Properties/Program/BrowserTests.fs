/// The report in a browser: at several widths, in the dark, printed.
module Interp.Properties.BrowserTests

open System.IO
open Expecto
open Interp.Properties.Browser

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
            Expect.equal (serious page) [] $"what axe finds {where}")

let private report () = Path.Combine(Reproduced.directory (), "report.html")

/// Printed pages of a report of one sort of model or of all.
let private mostPages = 12

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
    ]
