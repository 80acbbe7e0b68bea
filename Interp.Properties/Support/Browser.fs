/// Pages as their readers see them: in chromium, without a window. Tests are skipped where this machine has none.
module Interp.Properties.Browser

open System
open System.Collections.Concurrent
open System.IO
open System.Text.Json
open System.Text.RegularExpressions
open System.Threading.Tasks
open Deque.AxeCore.Commons
open Expecto
open PuppeteerSharp
open PuppeteerSharp.Input
open PuppeteerSharp.Media

/// Where chromium may be, first the one that was asked for.
let private chromium =
    [
        yield! Environment.GetEnvironmentVariable "CHROMIUM" |> Option.ofObj |> Option.toList
        "/usr/bin/chromium"
        "/usr/bin/chromium-browser"
        "/usr/bin/google-chrome"
        "/Applications/Chromium.app/Contents/MacOS/Chromium"
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
        @"C:\Program Files\Google\Chrome\Application\chrome.exe"
    ]
    |> List.tryFind File.Exists

let private wait (work: Task<'a>) = work.GetAwaiter().GetResult()
let private finish (work: Task) = work.GetAwaiter().GetResult()

/// The group of tests that share the browser: a page behind another one is not painted.
let oneAtATime = "browser"

/// One browser for all tests, which ends with them.
let private browser =
    lazy
        (let place = Option.get chromium

         let options =
             LaunchOptions(
                 ExecutablePath = place,
                 Headless = true,
                 // As root, in a container, chromium cannot keep its own processes in one.
                 Args = [| "--no-sandbox"; "--disable-dev-shm-usage"; "--force-color-profile=srgb" |]
             )

         let browser = wait (Puppeteer.LaunchAsync options)
         Processes.follow browser.Process
         browser)

/// A page that is open, and what it did that it should not.
type Opened = {
    /// The page.
    Page: IPage
    /// Errors: of scripts, of the console, of the content security policy.
    Errors: ConcurrentQueue<string>
    /// Addresses beside its own that it asked for.
    Requests: ConcurrentQueue<string>
}

/// How a page is looked at.
type Look = {
    /// CSS pixels.
    Width: int
    /// CSS pixels.
    Height: int
    /// Media features, such as "prefers-color-scheme" and "dark".
    Features: (string * string) list
    /// What follows the file's name in its address: "" or "#…".
    Fragment: string
}

/// A usual window, in light colours.
let usual = { Width = 1400; Height = 900; Features = []; Fragment = "" }

let private feature (name, value) =
    let kind =
        match name with
        | "prefers-color-scheme" -> MediaFeature.PrefersColorScheme
        | "prefers-reduced-motion" -> MediaFeature.PrefersReducedMotion
        | name -> failtest $"no media feature {name}"

    MediaFeatureValue(MediaFeature = kind, Value = value)

/// Skips a test where there is no browser.
let needsBrowser () =
    if chromium.IsNone then
        skiptest "no chromium"

/// Does something with a page that a file holds.
let visit (look: Look) (file: string) (test: Opened -> 'a) : 'a =
    needsBrowser ()
    let page = wait (browser.Value.NewPageAsync())

    try
        let opened = { Page = page; Errors = ConcurrentQueue(); Requests = ConcurrentQueue() }
        let address = Uri(Path.GetFullPath file).AbsoluteUri

        page.Console.Add(fun said ->
            if said.Message.Type = ConsoleType.Error || said.Message.Type = ConsoleType.Warning then
                opened.Errors.Enqueue said.Message.Text)

        page.PageError.Add(fun error -> opened.Errors.Enqueue error.Message)

        page.Request.Add(fun asked ->
            let url = asked.Request.Url

            if not (url.StartsWith(address, StringComparison.Ordinal) || url.StartsWith "data:") then
                opened.Requests.Enqueue url)

        finish (page.SetViewportAsync(ViewPortOptions(Width = look.Width, Height = look.Height)))
        finish (page.EmulateMediaFeaturesAsync(look.Features |> List.map feature |> List.toArray))
        wait (page.GoToAsync(address + look.Fragment, WaitUntilNavigation.Load)) |> ignore
        test opened
    finally
        finish (page.CloseAsync())

/// The value of a JavaScript expression.
let value<'a> (expression: string) (opened: Opened) : 'a = wait (opened.Page.EvaluateExpressionAsync<'a> expression)

/// Waits until an expression is true, ten seconds at most.
let until (expression: string) (opened: Opened) =
    try
        wait (opened.Page.WaitForExpressionAsync(expression, WaitForFunctionOptions(Timeout = 10000)))
        |> ignore
    with :? WaitTaskTimeoutException ->
        failtest $"never came true: {expression}"

/// Waits until what was asked for is painted.
let settled (opened: Opened) =
    value<bool> "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))" opened
    |> ignore

/// Presses a key, by its name, where the focus is.
let press (key: string) (opened: Opened) =
    finish (opened.Page.Keyboard.PressAsync key)
    settled opened

/// Types letters where the focus is.
let write (text: string) (opened: Opened) =
    finish (opened.Page.Keyboard.TypeAsync text)
    settled opened

let private element (selector: string) (opened: Opened) =
    wait (opened.Page.QuerySelectorAsync selector)
    |> Option.ofObj
    |> Option.defaultWith (fun () -> failtest $"there is no {selector}")

/// Clicks the middle of an element.
let click (selector: string) (opened: Opened) =
    finish ((element selector opened).ClickAsync())
    settled opened

/// Puts the focus on an element.
let focus (selector: string) (opened: Opened) = finish ((element selector opened).FocusAsync())

/// Moves the mouse to a place of an element, as shares of its width and height.
let hover (selector: string) (across: float) (down: float) (opened: Opened) =
    let found = element selector opened

    value<obj> $"document.querySelector({JsonSerializer.Serialize selector}).scrollIntoView({{block: 'center'}})" opened
    |> ignore

    // What comes into sight is drawn then.
    until $"document.querySelector({JsonSerializer.Serialize selector})?.getBoundingClientRect().width > 0" opened
    settled opened
    let box = wait (found.BoundingBoxAsync())

    finish (
        opened.Page.Mouse.MoveAsync(
            box.X + box.Width * decimal across,
            box.Y + box.Height * decimal down,
            MoveOptions()
        )
    )

    settled opened

/// Does something that leads to another page; that page's address.
let leads (act: Opened -> unit) (opened: Opened) : string =
    let arrived =
        opened.Page.WaitForNavigationAsync(NavigationOptions(WaitUntil = [| WaitUntilNavigation.Load |]))

    act opened
    wait arrived |> ignore
    opened.Page.Url

/// Presses a key that may lead elsewhere.
let pressAway (key: string) (opened: Opened) = finish (opened.Page.Keyboard.PressAsync key)

/// Presses the mouse where it is, which may lead elsewhere.
let clickAway (opened: Opened) =
    finish (opened.Page.Mouse.DownAsync())
    finish (opened.Page.Mouse.UpAsync())

/// The text of an element, spaces made one.
let text (selector: string) (opened: Opened) =
    Regex.Replace(
        value<string> $"document.querySelector({JsonSerializer.Serialize selector}).innerText" opened,
        "\\s+",
        " "
    )

/// Whether there is nothing that the page did and should not have: no error, no request.
let behaved (opened: Opened) =
    Expect.isEmpty opened.Errors "errors on the page"
    Expect.isEmpty opened.Requests "what the page asked for"

let private axe = lazy (BundledAxeScriptProvider().GetScript())

/// What axe-core finds that is serious or worse: rule, and where.
let serious (opened: Opened) : string list =
    // A function of its own, as a module's policy does not hold for what the driver evaluates.
    value<obj> $"(() => {{ {axe.Value}; }})()" opened |> ignore

    let found =
        value<string>
            "axe.run(document, { resultTypes: ['violations'] }).then(r => JSON.stringify(r.violations.map(v => ({ impact: v.impact, id: v.id, where: v.nodes.map(n => n.target.join(' ')).slice(0, 5) }))))"
            opened

    [
        for violation in JsonDocument.Parse(found).RootElement.EnumerateArray() do
            let impact = violation.GetProperty("impact").GetString()

            if impact = "serious" || impact = "critical" then
                let where =
                    violation.GetProperty("where").EnumerateArray() |> Seq.map _.GetString() |> String.concat "; "

                $"""{violation.GetProperty("id").GetString()}: {where}"""
    ]

/// Elements that reach beyond the window's right edge without a scroller of their own.
let overflowing (opened: Opened) : string list =
    let found =
        value<string>
            """
            (() => {
                const width = document.documentElement.clientWidth;
                const scrolls = node => { for (let up = node.parentElement; up && up !== document.documentElement; up = up.parentElement) { if (/(auto|scroll|hidden|clip)/.test(getComputedStyle(up).overflowX)) return true; } return false; };
                const out = [...document.body.querySelectorAll('*')].filter(node => { const box = node.getBoundingClientRect(); return box.width > 0 && box.right > width + 1 && !scrolls(node); });
                const name = node => node.tagName.toLowerCase() + (node.id ? '#' + node.id : '') + (typeof node.className === 'string' && node.className ? '.' + node.className.split(' ').join('.') : '');
                return JSON.stringify([...out.slice(0, 8).map(name), ...(document.documentElement.scrollWidth > width + 1 ? ['the page scrolls sideways'] : [])]);
            })()
            """
            opened

    [
        for name in JsonDocument.Parse(found).RootElement.EnumerateArray() ->
            name.GetString() |> Option.ofObj |> Option.get
    ]

/// Tables whose columns do not all fit their place.
let clippedTables (opened: Opened) : string list =
    let found =
        value<string>
            "JSON.stringify([...document.querySelectorAll('.scroll')].filter(box => box.querySelector('table') && box.scrollWidth > box.clientWidth + 1).map(box => box.getAttribute('aria-label') ?? 'a table'))"
            opened

    [
        for name in JsonDocument.Parse(found).RootElement.EnumerateArray() ->
            name.GetString() |> Option.ofObj |> Option.get
    ]

/// Shows the page as a system that forces colours does.
let forceColours (opened: Opened) =
    let feature = {| features = [| {| name = "forced-colors"; value = "active" |} |] |}
    wait (opened.Page.Client.SendAsync("Emulation.setEmulatedMedia", feature)) |> ignore

/// Pages that it has on paper (A4).
let printedPages (opened: Opened) : int =
    let pdf = wait (opened.Page.PdfDataAsync(PdfOptions(Format = PaperFormat.A4, PrintBackground = true)))
    Regex.Matches(Text.Encoding.Latin1.GetString pdf, @"/Type\s*/Page\b").Count
