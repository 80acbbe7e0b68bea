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

        test "a report is printed on few pages" {
            visit usual (report ()) (fun page -> Expect.isLessThanOrEqual (printedPages page) mostPages "pages")
        }
    ]
