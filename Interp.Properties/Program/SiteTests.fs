/// The documents' site: made as a reader makes it, then looked at page by page, link by link.
module Interp.Properties.SiteTests

open System
open System.Collections.Generic
open System.IO
open System.Net
open System.Text.RegularExpressions
open Expecto
open Interp
open Interp.Properties.Processes

let private root = Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "..", ".."))

/// A page: where it is below the site's root, and what it says.
type private Page = { At: string; Html: string }

type private Site = {
    Directory: string
    Pages: Page list
    /// What was there before it was made, and what is there since.
    Around: string list * string list
}

/// What the folders of the documents hold, and what fsdocs leaves where it is started.
let private around () = [
    yield! Directory.GetFileSystemEntries(Path.Combine(root, "docs"))
    yield! Directory.GetFileSystemEntries(Path.Combine(root, "scripts"))

    for left in [ ".fsdocs"; "output"; "tmp" ] do
        if Directory.Exists(Path.Combine(root, left)) then
            left
]

/// Made once; it goes when the tests end.
let private site =
    lazy
        (let directory = Directory.CreateTempSubdirectory("interp-site-").FullName

         AppDomain.CurrentDomain.ProcessExit.Add(fun _ ->
             if Directory.Exists directory then
                 Directory.Delete(directory, true))

         let before = around ()
         let clock = Diagnostics.Stopwatch.StartNew()
         let made = runDotnet [] [ "fsi"; "--quiet"; Path.Combine(root, "scripts", "site.fsx"); directory ]

         // Whoever restores packages alone has no tools.
         if made.ExitCode = 3 then
             None
         else
             succeeds made
             report $"documents: made in {clock.Elapsed.TotalSeconds:F0} s"

             Some {
                 Directory = directory
                 Around = before, around ()
                 Pages = [
                     for file in Directory.GetFiles(directory, "*.html", SearchOption.AllDirectories) |> Array.sort do
                         let at = Path.GetRelativePath(directory, file).Replace('\\', '/')

                         // The live page has tests of its own.
                         if at <> "live.html" then
                             { At = at; Html = File.ReadAllText file }
                 ]
             })

let private made () =
    match site.Value with
    | Some site -> site
    | None -> skiptest "no fsdocs: `dotnet tool restore` brings it"

let private all pattern (html: string) = [
    for found in Regex.Matches(html, pattern, RegexOptions.Singleline) -> WebUtility.HtmlDecode found.Groups[1].Value
]

/// Script, style and what code says is no markup.
let private markup (html: string) = Regex.Replace(html, "<(script|style)\\b.*?</\\1>", "", RegexOptions.Singleline)

let private anchors (html: string) = HashSet(all "\\s(?:id|name)=\"([^\"]*)\"" html)

let private isElsewhere (address: string) =
    Regex.IsMatch(address, "^(?:[a-z][a-z0-9+.-]*:|//)", RegexOptions.IgnoreCase)

/// What is wrong with a page's links: none that leads nowhere.
let private broken (site: Site) (anchored: IDictionary<string, HashSet<string>>) (page: Page) = [
    for link in all "<[a-z]+\\s[^>]*?(?:href|src)=\"([^\"]*)\"" (markup page.Html) |> List.distinct do
        if not (isElsewhere link) then
            let parts = link.Split('#', 2)

            let file =
                if parts[0] = "" then
                    Path.Combine(site.Directory, page.At)
                else
                    Path.Combine(
                        site.Directory,
                        Path.GetDirectoryName page.At |> string,
                        Uri.UnescapeDataString parts[0]
                    )

            let at = Path.GetRelativePath(site.Directory, file).Replace('\\', '/')

            if at.StartsWith ".." then
                $"{page.At}: {link} leads out of the site"
            elif not (File.Exists file) then
                $"{page.At}: {link} leads nowhere"
            elif parts.Length = 2 then
                match anchored.TryGetValue at with
                | true, known when not (known.Contains(Uri.UnescapeDataString parts[1])) ->
                    $"{page.At}: there is no #{parts[1]} in {at}"
                | _ -> ()
]

let private list (problems: string list) what =
    let shown = problems |> List.truncate 20 |> String.concat "\n"
    Expect.isEmpty problems $"{what}: {problems.Length}\n{shown}"

let private ofReference (page: Page) = page.At.StartsWith "reference/"

/// Lines without the space around them, those that are empty left out.
let private lines (text: string) =
    text.Split '\n' |> Array.map _.Trim() |> Array.filter (fun line -> line <> "") |> Array.toList

[<Tests>]
let tests =
    testList "Site" [
        test "every link leads to a page and an anchor that are there" {
            let site = made ()
            let anchored = dict [ for page in site.Pages -> page.At, anchors page.Html ]
            list (site.Pages |> List.collect (broken site anchored)) "links"
        }

        test "nothing is loaded from another host, and nothing is left in the source" {
            let site = made ()

            let loads =
                "<(?:script|img|link|iframe|source|video|audio|object|embed|use|image)\\b[^>]*?(?:src|href|data|srcset)=\"((?:https?:)?//[^\"]*)\""

            list
                [
                    for page in site.Pages do
                        for address in all loads page.Html -> $"{page.At} loads {address}"
                ]
                "what pages load"

            for file in Directory.GetFiles(Path.Combine(site.Directory, "content")) do
                if not (file.EndsWith "search-index.js") then
                    let text = File.ReadAllText file
                    Expect.isFalse (Regex.IsMatch(text, "https?://|@import|\\bfetch\\(")) $"{file} asks for something"

            Expect.equal (List.sort (snd site.Around)) (List.sort (fst site.Around)) "the source is as it was"
        }

        test "every page has a title, one heading, a place in the menu, and code that ran" {
            let site = made ()
            let index = site.Pages |> List.find (fun page -> page.At = "index.html")
            let menu = all "class=\"nav-link\" href=\"\\./([^\"]*)\"" index.Html

            list
                [
                    for page in site.Pages do
                        match all "<head>.*?<title>(.*?)</title>.*?</head>" page.Html with
                        | [ title ] when title.EndsWith ": Interp" && title.Length > 8 -> ()
                        | titles -> $"{page.At}: titles %A{titles}"

                        match all "<h1\\b[^>]*>(.*?)</h1>" page.Html with
                        | [ heading ] when heading.Trim() <> "" -> ()
                        | headings -> $"{page.At}: {headings.Length} first headings"

                        if not (ofReference page || page.At = "index.html" || List.contains page.At menu) then
                            $"{page.At} is not in the menu"

                        if Regex.IsMatch(page.Html, "\\{\\{fsdocs|No value returned by any evaluator|<!--file:") then
                            $"{page.At}: a place that was not filled"

                        let twice =
                            all "\\sid=\"([^\"]*)\"" (markup page.Html)
                            |> List.countBy id
                            |> List.filter (fun (_, count) -> count > 1)

                        if not twice.IsEmpty then
                            $"{page.At}: ids that stand there twice, {fst twice.Head}"
                ]
                "pages"

            // One tutorial a capability, what is asked first, and the reference.
            for name in
                [
                    "train"
                    "circuits"
                    "interventions"
                    "own-task"
                    "own-model"
                    "explaining"
                    "exact"
                    "claims"
                    "live-page"
                    "cluster"
                    "csharp"
                ]
                @ [ "first-steps"; "study-told"; "inside"; "commands"; "json"; "bibliography" ]
                @ [ "how-induction-heads"; "how-hypothesis"; "how-pytorch"; "how-other-numbers"; "how-twenty-seeds" ] do
                Expect.contains menu $"{name}.html" "the menu"
        }

        test "pictures are there, each with words for who cannot see it" {
            let site = made ()

            list
                [
                    for page in site.Pages do
                        for picture in Regex.Matches(page.Html, "<img\\b[^>]*>") do
                            if not (Regex.IsMatch(picture.Value, "alt=\"[^\"]{10,}\"")) then
                                $"{page.At}: {picture.Value}"

                        for picture in
                            Regex.Matches(
                                page.Html,
                                "<figure class=\"picture\">(.*?)</figure>",
                                RegexOptions.Singleline
                            ) do
                            if not (Regex.IsMatch(picture.Groups[1].Value, "^<svg[^>]*><title>[^<]+</title>")) then
                                $"{page.At}: a picture without a title"
                ]
                "pictures without words"

            for name in
                [
                    "study-told"
                    "train"
                    "circuits"
                    "interventions"
                    "own-task"
                    "explaining"
                    "how-induction-heads"
                ] do
                let page = site.Pages |> List.find (fun page -> page.At = $"{name}.html")

                Expect.isTrue
                    (page.Html.Contains "<figure class=\"picture\"><svg")
                    $"{name} draws something when it is made"

            for page in site.Pages do
                for shown in
                    Regex.Matches(page.Html, "<pre class=\"output\"[^>]*><code>(.*?)</code>", RegexOptions.Singleline) do
                    Expect.isNotEmpty (shown.Groups[1].Value.Trim()) $"{page.At}: code that printed nothing"
        }

        test "every command has its help on a page, and every word of the index leads to a page" {
            let site = made ()
            let commands = (site.Pages |> List.find (fun page -> page.At = "commands.html")).Html

            for command in
                [ "reproduce"; "train"; "evaluate"; "circuits"; "explain"; "explore"; "study-slurm"; "claims" ] do
                Expect.isTrue (commands.Contains $"id=\"{command}\"") command

            let said = interpWith [ "COLUMNS", "94" ] [ "help"; "circuits" ]
            succeeds said
            let page = WebUtility.HtmlDecode commands
            Expect.isTrue (page.Contains(said.Output.TrimEnd())) "the page says what the program says"

            let index = File.ReadAllText(Path.Combine(site.Directory, "content", "search-index.js"))
            let addresses = all "\"at\":\"([^\"]*)\"" index
            Expect.isGreaterThan addresses.Length 100 "pages that can be found"

            for address in addresses do
                Expect.isTrue (File.Exists(Path.Combine(site.Directory, address))) address
        }

        testSequencedGroup Browser.oneAtATime
        <| test "pages are read, searched and looked at on any screen, light and dark, by keyboard" {
            let site = made ()
            let file name = Path.Combine(site.Directory, name)

            let narrow = { Browser.usual with Width = 390; Features = [ "prefers-color-scheme", "dark" ] }

            for name, look in
                [
                    "study-told.html", Browser.usual
                    "how-pytorch.html", { Browser.usual with Features = [ "prefers-color-scheme", "dark" ] }
                    "reference/interp-circuits.html", Browser.usual
                    "index.html", narrow
                    "commands.html", narrow
                    "json.html", { narrow with Features = [] }
                    "reference/interp.html", narrow
                ] do
                Browser.visit look (file name) (fun opened ->
                    Expect.isEmpty opened.Errors $"{name}: errors"
                    list (Browser.serious opened) $"{name}: what axe finds"
                    list (Browser.overflowing opened) $"{name}: what does not fit in {look.Width} pixels")

            Browser.visit Browser.usual (file "index.html") (fun opened ->
                Browser.press "/" opened
                Browser.write "induction heads" opened
                Browser.until "document.querySelectorAll('#search-found [data-at]').length > 0" opened
                let at = Browser.leads (Browser.pressAway "Enter") opened
                Expect.stringEnds at "how-induction-heads.html" "the first page that is found")
        }

        test "texts that are read in the source lead to files that are there" {
            list
                [
                    for folder, pattern in
                        [ root, "*.md"; Path.Combine(root, "docs"), "*.md"; Path.Combine(root, "docs"), "*.fsx" ] do
                        for file in Directory.GetFiles(folder, pattern) do
                            for link in all @"\]\(([^)\s]+)\)" (File.ReadAllText file) do
                                let place = (link.Split '#')[0]
                                // Made with the site alone.
                                let isMade = place = "live.html" || place.StartsWith "reference/"

                                if not (isElsewhere link || place = "" || isMade) then
                                    let target = Path.Combine(folder, place)

                                    if not (File.Exists target || Directory.Exists target) then
                                        $"{Path.GetFileName file}: {link}"
                ]
                "links"
        }

        test "the README's lines of script are a page's, which run" {
            let readme = File.ReadAllText(Path.Combine(root, "README.md"))
            let shown = all "```fsharp\n(.*?)```" readme |> List.exactlyOne |> lines
            let page = lines (File.ReadAllText(Path.Combine(root, "docs", "circuits.fsx")))
            Expect.isGreaterThan shown.Length 4 "the README shows some"

            for line in shown do
                // A reader's model is a run; the page's is in the repository.
                let line = line.Replace("\"runs/smeared\"", "(golden \"smeared_s11\")")
                Expect.contains page line "docs/circuits.fsx"
        }

        test "what Python exports is the model: from lists, and from tensors where torch is" {
            let python = shell "command -v python3"

            if python.ExitCode <> 0 then
                skiptest "no python3"

            inDirectory (fun directory ->
                for name in [ "smeared_s11"; "two_layer_s11" ] do
                    let checkpoint = Checkpoint.load (ModelFiles.reference $"{name}.safetensors")
                    let a = checkpoint.Architecture
                    let names, leaves = Model.leaves (Model.names a), Model.leaves checkpoint.Weights

                    let rec nested (shape: int list) (numbers: float32[]) =
                        match shape with
                        | [] -> numbers[0].ToString("R", Globalization.CultureInfo.InvariantCulture)
                        | count :: rest ->
                            let inner =
                                numbers
                                |> Array.chunkBySize (max 1 (numbers.Length / count))
                                |> Array.map (nested rest)

                            $"""[{String.Join(",", inner)}]"""

                    let weights =
                        List.map2
                            (fun name (leaf: Tensor) -> $"\"{name}\": {nested leaf.Shape (leaf.ToArray())}")
                            names
                            leaves

                    File.WriteAllText(
                        Path.Combine(directory, "weights.json"),
                        $"""{{{String.Join(",\n", weights)}}}"""
                    )

                    let smear = if a.Smear = Smear.Keys then "keys" else "none"

                    let run (kind: string) (make: string) =
                        let out = Path.Combine(directory, $"{name}-{kind}.safetensors")

                        let program =
                            $"import sys, json\nsys.path.insert(0, sys.argv[1])\nsys.dont_write_bytecode = True\nfrom export import export\n"
                            + $"weights = json.load(open(sys.argv[2]))\n{make}\n"
                            + $"export(sys.argv[3], weights, n_ctx={a.NCtx}, smear='{smear}', task='repeat 6 x4 of 26')\n"

                        File.WriteAllText(Path.Combine(directory, "run.py"), program)

                        let place = Path.Combine(root, "docs")

                        let outcome =
                            shell $"python3 -B '{directory}/run.py' '{place}' '{directory}/weights.json' '{out}'"

                        succeeds outcome
                        let found = Checkpoint.load out
                        Expect.equal found.Weights checkpoint.Weights $"{name}, {kind}: weights"
                        Expect.equal found.Architecture a $"{name}, {kind}: shape"

                        Expect.equal
                            (found.Task |> Option.map string)
                            (Some "repeat 6 x4 of 26")
                            $"{name}, {kind}: task"

                    run "lists" ""

                    if (shell "python3 -c 'import torch'").ExitCode = 0 then
                        run
                            "tensors"
                            "import torch\nweights = {k: torch.nn.Parameter(torch.tensor(v)) for k, v in weights.items()}"
                    else
                        report "documents: no torch here, so that Python exported lists alone")
        }
    ]
