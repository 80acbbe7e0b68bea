/// The page of `interp explore` in a browser: every view by mouse and by keyboard.
module Interp.Properties.ExploreBrowserTests

open System
open System.IO
open System.Text.Json
open System.Text.RegularExpressions
open Expecto
open Interp.Properties.Browser
open Interp.Properties.BrowserTests
open Interp.Properties.Processes

/// A page that the program wrote, of models given by its arguments: made once, and gone with the tests.
let private page (make: string -> string list) =
    lazy
        (let place = Directory.CreateTempSubdirectory "interp-explore-"
         AppDomain.CurrentDomain.ProcessExit.Add(fun _ -> place.Delete true)
         let file = Path.Combine(place.FullName, "page.html")
         succeeds (interp ([ "explore" ] @ make place.FullName @ [ "--out"; file ]))
         file)

let private models =
    page (fun _ ->
        ModelFiles.references
        |> List.rev
        |> List.map (fun name -> $"{ModelFiles.reference name}.safetensors"))

/// A run that kept its weights on the way.
let private training =
    page (fun place ->
        let run = Path.Combine(place, "run")

        succeeds (
            interp [
                "train"
                "--steps"
                "40"
                "--batch"
                "16"
                "--snapshots"
                "5"
                "--learning-rate"
                "0.03"
                "--out"
                run
            ]
        )

        [ run ])

/// A model that reads more tokens than a sequence of its task has.
let private beyond =
    page (fun place ->
        let run = Path.Combine(place, "beyond")

        succeeds (
            interp [
                "train"
                "--task"
                "repeat 3 x3 of 8"
                "--n-ctx"
                "20"
                "--steps"
                "5"
                "--batch"
                "16"
                "--out"
                run
            ]
        )

        [ run ])

/// The fragment of the page's address, where all that was chosen is.
let private fragment page = value<string> "location.hash" page

/// Waits until the address says something, which it does now and then.
let private saying (part: string) page =
    until $"decodeURIComponent(location.hash).includes({JsonSerializer.Serialize part})" page

/// The first text that matches a selector and begins with something.
let private textOf selector page = text selector page

let private typed = "[data-view=text] textarea"

let private onFirst (test: Opened -> unit) =
    visit usual models.Value (fun page ->
        until "document.querySelectorAll('.token').length > 0" page
        test page
        behaved page)

/// Puts another text in place of the first.
let private typing (letters: string) page =
    focus typed page
    value<obj> $"document.querySelector({JsonSerializer.Serialize typed}).select()" page |> ignore
    write letters page

/// Waits until the losses on the fixed texts are those of all of them, not of the first some.
let private measured page =
    until
        "!/…/.test(document.querySelector('.side-by-side tbody').innerText) && !/measured$/.test(document.querySelector('.fixed-note').textContent)"
        page

/// Brings a view into sight, which is when it is drawn.
let private show view page =
    value<obj> $"document.querySelector('[data-view={view}]').scrollIntoView()" page |> ignore
    settled page
    settled page

let private number (text: string) = Double.Parse(text.Replace('−', '-'), Globalization.CultureInfo.InvariantCulture)

let private numbers (text: string) = [ for found in Regex.Matches(text, @"[-−]?\d+\.\d+") -> number found.Value ]

[<Tests>]
let tests =
    testSequencedGroup oneAtATime
    <| testList "Browser, explore" [
        test "it fits every width, and can be read in light and dark" { keeps models.Value }

        test "of a run, too" { keeps training.Value }

        test "typed letters are read, unknown ones are shown, none is dropped" {
            onFirst (fun page ->
                typing "ABCdef?ABC" page
                until "document.querySelectorAll('.token').length === 10" page
                Expect.equal (value<int> "document.querySelectorAll('.token.skipped').length" page) 4 "unknown letters"

                Expect.stringContains
                    (textOf "[data-view=text]" page)
                    "not tokens of this model"
                    "what is said of them"

                saying "ABCdef?ABC" page)
        }

        test "a position is chosen by a click, by arrows, and let go of" {
            onFirst (fun page ->
                typing "ABCDEFABCDEF" page
                click ".token[data-position='3']" page

                Expect.equal
                    (value<string> "document.querySelector('.token[aria-checked=true]').dataset.position" page)
                    "3"
                    "clicked"

                press "ArrowRight" page

                Expect.equal
                    (value<string> "document.querySelector('.token[aria-checked=true]').dataset.position" page)
                    "4"
                    "by the arrow"

                Expect.equal (value<string> "document.activeElement.dataset.position" page) "4" "the focus goes along"
                press "Escape" page

                Expect.equal
                    (value<string> "document.querySelector('.token[aria-checked=true]').dataset.position" page)
                    "11"
                    "it follows the end again")
        }

        test "heads are chosen by a click and by arrows; a row of the map is said by the mouse and by the keyboard" {
            onFirst (fun page ->
                typing "ABCDEFABCDEF" page
                show "attention" page
                click ".heads-grid [data-head='1.2']" page
                Expect.stringContains (textOf "[data-view=attention]" page) "Head 1.2" "the large map"
                press "ArrowLeft" page
                Expect.stringContains (textOf "[data-view=attention]" page) "Head 1.1" "by the arrow"
                press "ArrowUp" page
                Expect.stringContains (textOf "[data-view=attention]" page) "Head 0.1" "a layer up"
                hover ".attention-map .map-plane canvas" 0.5 0.7 page

                Expect.isMatch (textOf ".attention-map .map-words" page) "from [A-Z] at \\d+: " "said by the mouse"

                focus ".attention-map .map-slider" page
                press "Home" page
                press "ArrowDown" page
                Expect.stringContains (textOf ".attention-map .map-words" page) "from B at 1: " "said by the keyboard"
                press "Enter" page
                saying "at=1" page

                let said =
                    value<string>
                        "[...document.querySelectorAll('[aria-live=polite]')].map(n => n.textContent).join(' ')"
                        page

                Expect.stringContains said "from B at 1" "the live region")
        }

        test "heads go off and come back, and the loss says what they are worth" {
            onFirst (fun page ->
                typing "ABCDEFABCDEFABCDEFABCDEF" page
                show "interventions" page
                measured page
                let whole = textOf ".side-by-side tbody" page

                value<obj>
                    "document.querySelector('.head-control input[value=zero]').scrollIntoView({block: 'center'})"
                    page
                |> ignore

                focus ".head-control input" page
                press "ArrowRight" page
                saying "zero" page
                measured page
                Expect.notEqual (textOf ".side-by-side tbody" page) whole "the losses"

                value<obj>
                    "[...document.querySelectorAll('button')].find(b => b.textContent === 'Undo all interventions').click()"
                    page
                |> ignore

                settled page
                measured page
                Expect.equal (numbers (textOf ".side-by-side tbody" page)) (numbers whole) "as before")
        }

        test "it goes on past the task's length, where a head's mean is not known" {
            visit { usual with Fragment = "#text=ABCABC&mean=0.0" } beyond.Value (fun page ->
                until "/^[A-H]{14}$/.test(document.querySelector('.goes-on .letters')?.textContent)" page
                behaved page)
        }

        test
            "where another text is too short for the fixed ones, what the model loses on them stands, and no command is offered" {
            let evaluate =
                "[...document.querySelectorAll('[data-view=share] pre')].some(n => n.checkVisibility() && n.textContent.startsWith('interp evaluate'))"

            for letters, isOffered in [ "QWERTYQWERTY", false; String.replicate 4 "QWERTY", true ] do
                visit { usual with Fragment = $"#text=ABCABC&pattern=0.1:{letters}" } models.Value (fun page ->
                    show "interventions" page
                    measured page

                    let cells =
                        value<string[]>
                            "[...document.querySelector('.side-by-side tbody tr').cells].map(c => c.textContent)"
                            page

                    Expect.isMatch cells[3] @"^\d\.\d{4}$" "the loss of the model as it is"
                    show "share" page

                    until
                        "[...document.querySelectorAll('[data-view=share] pre')].some(n => n.textContent.startsWith('interp logits'))"
                        page

                    Expect.equal (value<bool> evaluate page) isOffered "the command"
                    behaved page)
        }

        test "an explanation stands beside the model, and where they part is shown" {
            onFirst (fun page ->
                typing "ABCDEFABCDEFABC" page
                show "interventions" page

                value<obj>
                    "[...document.querySelectorAll('.explanation')].find(e => e.textContent.includes('uniform') || e.textContent.includes('own-letters')).querySelector('input').click()"
                    page
                |> ignore

                settled page
                until "document.querySelectorAll('.side-by-side tbody tr').length > 1" page

                show "attention" page
                until "document.querySelectorAll('.attention-maps .attention-map:not([hidden])').length > 0" page)
        }

        test "a circuit opens, and a row of it is told in words" {
            onFirst (fun page ->
                show "circuits" page
                until "document.querySelector('[data-view=circuits] .map-plane canvas')?.clientWidth > 0" page
                hover "[data-view=circuits] .map-plane canvas" 0.5 0.5 page

                Expect.isMatch (textOf "[data-view=circuits] .map-words" page) "raises|lowers|looks for" "by the mouse"

                focus "[data-view=circuits] .map-slider" page
                press "ArrowDown" page

                Expect.isMatch
                    (textOf "[data-view=circuits] .map-words" page)
                    "raises|lowers|looks for"
                    "by the keyboard"

                Expect.stringContains (textOf "[data-view=circuits]" page) "random weights" "the null")
        }

        test "an edge of the composition is cut by the keyboard, everywhere" {
            onFirst (fun page ->
                show "composition" page
                value<obj> "document.querySelector('[data-view=composition] .edge').focus()" page |> ignore
                press "Enter" page
                saying "cut=" page
                show "interventions" page
                until "document.querySelectorAll('.cut-list button').length === 1" page
                show "composition" page
                value<obj> "document.querySelector('[data-view=composition] .edge.cut').focus()" page |> ignore
                press "Enter" page
                until "!decodeURIComponent(location.hash).includes('cut=')" page)
        }

        test "the sum over paths is the logit" {
            onFirst (fun page ->
                typing "ABCDEFABCDEFABC" page
                show "attribution" page
                let said = textOf "[data-view=attribution]" page
                Expect.isMatch said @"The \d+ terms sum to [+−]\d+\.\d+: the logit of" "the sum"
                Expect.isMatch said @"The positions sum to [+−]\d+\.\d+, all that" "the sum over positions"

                Expect.isGreaterThan
                    (value<int> "document.querySelectorAll('[data-view=attribution] svg rect').length" page)
                    3
                    "bars")
        }

        test "the commands that it offers make its numbers" {
            onFirst (fun page ->
                typing "ABCDEFABCDEF" page
                show "share" page

                let line =
                    value<string>
                        "[...document.querySelectorAll('[data-view=share] pre')].map(n => n.textContent).find(t => t.startsWith('interp logits'))"
                        page

                Expect.stringStarts line "interp logits " "a command"
                let printed = interpUnder "true" ($"""{line.Substring 7} --json""") ""
                succeeds printed
                let logits = item [ "logits" ] (JsonDocument.Parse(printed.Output).RootElement)
                let last = logits[logits.GetArrayLength() - 1]

                let likeliest =
                    [ for x in last.EnumerateArray() -> x.GetDouble() ] |> List.indexed |> List.maxBy snd |> fst

                let shown =
                    value<string> "document.querySelector('.token:last-child .token-next bdi').textContent" page

                Expect.equal shown (string ('A' + char likeliest)) "the likeliest letter")
        }

        test "all that was chosen is in the address, and comes back from it" {
            let fragment, words =
                visit usual models.Value (fun page ->
                    typing "QWERTYQWERTY" page
                    show "attention" page
                    click ".heads-grid [data-head='1.3']" page
                    show "interventions" page
                    value<obj> "document.querySelector('.head-control input[value=zero]').click()" page |> ignore
                    value<obj> "document.querySelectorAll('.explanation input')[2].click()" page |> ignore
                    show "text" page
                    click ".token[data-position='5']" page
                    saying "QWERTYQWERTY" page
                    saying "1.3" page
                    until "document.querySelectorAll('.side-by-side tbody tr').length > 1" page
                    Threading.Thread.Sleep 300
                    fragment page, textOf "[data-view=text] .tokens" page)

            visit { usual with Fragment = fragment } models.Value (fun page ->
                until "document.querySelectorAll('.token').length === 12" page
                Expect.equal (textOf "[data-view=text] .tokens" page) words "the same page"

                show "attention" page
                until "document.querySelector('.heads-grid [aria-checked=true]')?.dataset.head === '1.3'" page

                behaved page)
        }

        test "what no link could say is ignored, with a sentence" {
            for hostile in
                [
                    "#model=99&text=%3Cscript%3E"
                    "#x=%00%ff"
                    "#text=%ff"
                    "#zero=9.9&cut=9.9-0.0.k&step=500&at=1e9"
                    "#at=99999&circuit=ov.9.9&__proto__=1"
                ] do
                visit { usual with Fragment = hostile } models.Value (fun page ->
                    until "document.querySelectorAll('.token').length > 0" page
                    Expect.stringContains (textOf "[role=alert]" page) "not all could be read" hostile
                    behaved page)
        }

        test "training goes by the slider and by its button" {
            visit usual training.Value (fun page ->
                show "training" page
                let before = textOf "[data-view=text] .tokens" page
                focus "[data-view=training] input[type=range]" page
                press "Home" page
                show "text" page
                Expect.notEqual (textOf "[data-view=text] .tokens" page) before "every view follows"
                show "training" page
                click "[data-view=training] button" page

                until
                    "document.querySelector('[data-view=training] input[type=range]').value === document.querySelector('[data-view=training] input[type=range]').max"
                    page

                show "text" page
                let tokens = "document.querySelector('[data-view=text] .tokens').innerText.replace(/\\s+/g, ' ')"
                until $"{tokens} === {JsonSerializer.Serialize before}" page
                behaved page)
        }

        test "the page's policy lets no other script and no request through" {
            visit usual models.Value (fun page ->
                let blocked =
                    value<bool>
                        """
                        new Promise(done => {
                            let violations = 0;
                            document.addEventListener('securitypolicyviolation', () => { violations += 1; });
                            const script = document.createElement('script');
                            script.textContent = 'window.hacked = true';
                            document.body.append(script);
                            const image = new Image();
                            image.src = 'https://example.org/x.png';
                            fetch('https://example.org/').catch(() => setTimeout(() => done(violations >= 3 && window.hacked === undefined), 100));
                        })
                        """
                        page

                Expect.isTrue blocked "all were stopped")
        }

        test "what a page holds prints within its paper" {
            visit usual models.Value (fun page -> Expect.isLessThanOrEqual (printedPages page) 8 "pages")
        }

        test "in forced colours and without motion nothing is lost" {
            visit { usual with Features = [ "prefers-reduced-motion", "reduce" ] } training.Value (fun page ->
                forceColours page
                settled page
                Expect.equal (serious page) [] "what axe finds"
                behaved page)
        }

        test "a keystroke, timed" {
            onFirst (fun page ->
                typing "ABCDEFABCDEFABCDEFABCD" page

                // What the page's thread does for a key: handling it, then its frame from the first callback to the end of painting. Waiting for
                // the frame to begin is the screen's, and left out. The frame after, where thumbnails follow, is told apart.
                let times =
                    value<string>
                        """
                        (async () => {
                            const field = document.querySelector('[data-view=text] textarea');
                            const painted = () => new Promise(done => {
                                requestAnimationFrame(() => {
                                    const begun = performance.now();
                                    const { port1, port2 } = new MessageChannel();
                                    port1.onmessage = () => done(performance.now() - begun);
                                    port2.postMessage(0);
                                });
                            });
                            const [shown, after] = [[], []];
                            for (let i = 0; i < 60; i++) {
                                await painted();
                                const frame = painted();
                                const begun = performance.now();
                                field.value = field.value.slice(0, -1) + 'ABCDEFGH'[i % 8];
                                field.dispatchEvent(new Event('input', { bubbles: true }));
                                const handled = performance.now() - begun;
                                shown.push(handled + await frame);
                                after.push(await painted());
                            }
                            const least = times => { times.sort((a, b) => a - b); return [times[0], times[30], times[57]]; };
                            return JSON.stringify([...least(shown), ...least(after)]);
                        })()
                        """
                        page

                let shown = JsonDocument.Parse(times).RootElement

                let ms (index: int) =
                    shown[index].GetDouble().ToString("F1", Globalization.CultureInfo.InvariantCulture)

                report
                    $"A keystroke, two layers of four heads, 22 tokens, until its text is painted: {ms 0} ms of work at least, {ms 1} ms in the median, {ms 2} ms in 95 of 100; then thumbnails: {ms 3}, {ms 4} and {ms 5} ms.")
        }
    ]
