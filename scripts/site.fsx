// Builds the documents' site from the pages in docs/ and the docstrings of the library:
//
//     dotnet tool restore
//     dotnet build -c Release Interp.sln
//     dotnet fsi scripts/site.fsx [DIRECTORY]       # site/
//
// Code on the pages runs now, by the libraries as they are built, so what a page shows is what they do. `fsdocs` makes the pages; what it
// leaves to be wished for is put right here: links that work from a folder, anchors as Markdown's readers know them, an index to search.

open System
open System.Collections.Generic
open System.Diagnostics
open System.IO
open System.Net
open System.Text
open System.Text.Json
open System.Text.RegularExpressions
open System.Threading.Tasks

let root = Path.GetDirectoryName __SOURCE_DIRECTORY__
let docs = Path.Combine(root, "docs")

let output =
    match List.ofArray fsi.CommandLineArgs with
    | [ _ ] -> Path.Combine(root, "site")
    | [ _; directory ] -> Path.GetFullPath directory
    | _ ->
        eprintfn "scripts/site.fsx: a directory to write to is expected, or nothing."
        exit 2

/// Whose docstrings become pages.
let libraries = [ "Interp.Functional"; "Interp.Runs"; "Interp.Figures" ]

let projectOf name =
    [ "fsproj"; "csproj" ]
    |> List.map (fun kind -> Path.Combine(root, name, $"{name}.{kind}"))
    |> List.find File.Exists

let program = Path.Combine(root, "Interp.Host", "bin", "Release", "net10.0", "interp.dll")

for built in
    program
    :: [ for name in libraries -> Path.Combine(root, name, "bin", "Release", "net10.0", $"{name}.dll") ] do
    if not (File.Exists built) then
        eprintfn "scripts/site.fsx: %s is not there: dotnet build -c Release Interp.sln makes it." built
        exit 1

let run (directory: string) (arguments: string list) =
    let info =
        ProcessStartInfo(
            "dotnet",
            arguments,
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        )

    // Most of it is code that runs a few times, which is not worth being compiled twice.
    info.Environment["DOTNET_TieredPGO"] <- "0"
    info.Environment["DOTNET_TC_CallCountThreshold"] <- "300"
    use started = Process.Start info
    let error = started.StandardError.ReadToEndAsync()
    let said = started.StandardOutput.ReadToEnd()
    started.WaitForExit()
    started.ExitCode, said + error.Result

let fail (sentence: string) (said: string) =
    eprintfn "scripts/site.fsx: %s\n%s" sentence said
    exit 1

// The pages, by fsdocs. It keeps a cache where it is started, so it is started elsewhere.
let elsewhere = Directory.CreateTempSubdirectory("interp-site-").FullName
Directory.CreateDirectory(Path.Combine(elsewhere, ".config")) |> ignore
File.Copy(Path.Combine(root, ".config", "dotnet-tools.json"), Path.Combine(elsewhere, ".config", "dotnet-tools.json"))

if Directory.Exists output then
    Directory.Delete(output, true)

// A live page of two models of the reference, made by the program beside it.
let live =
    Task.Run(fun () ->
        let model name = Path.Combine(root, "Interp.Properties", "Golden", "reference", $"{name}.safetensors")
        let page = Path.Combine(elsewhere, "live.html")

        let code, said =
            run elsewhere [ program; "explore"; model "smeared_s11"; model "plain_s11"; "--out"; page ]

        if code <> 0 then
            fail "the live page could not be made:" said

        page)

let code, said =
    try
        run
            elsewhere
            ([ "fsdocs"; "build"; "--eval"; "--strict"; "--nodefaultcontent"; "--ignoreuncategorized" ]
             @ [ "--input"; docs; "--output"; output; "--projects" ]
             @ List.map projectOf libraries
             @ [ "--properties"; "Configuration=Release"; "FsDocsGenerateLlmsTxt=false" ]
             @ [ "--parameters"; "root"; "./"; "fsdocs-collection-name"; "Interp" ])
    finally
        live.Wait()

if code <> 0 && said.Contains "dotnet tool restore" then
    eprintfn "scripts/site.fsx: fsdocs is not there: dotnet tool restore brings it."
    exit 3

if code <> 0 then
    // What it does is of no interest, what it says is.
    let telling = said.Split '\n' |> Array.filter (fun line -> line.Contains "error")
    fail "fsdocs could not make the pages:" (if telling.Length = 0 then said else String.Join('\n', telling))

File.Copy(live.Result, Path.Combine(output, "live.html"))
Directory.Delete(elsewhere, true)

// Files that pages lead to, as texts that any browser shows.
let texts = [
    for file in Directory.GetFiles(Path.Combine(root, "scripts"), "*.fsx") do
        file, $"scripts/{Path.GetFileName file}.txt"

    for name in [ "CONTRIBUTING.md"; "RELEASE_NOTES.md"; "CITATION.cff"; "LICENSE" ] do
        Path.Combine(root, name), $"files/{name}.txt"

    Path.Combine(docs, "export.py"), "files/export.py.txt"
]

for file, name in texts do
    let target = Path.Combine(output, name)
    Directory.CreateDirectory(Path.GetDirectoryName target) |> ignore
    File.Copy(file, target, true)

// What fsdocs writes beside pages is of no use from a folder.
for file in Directory.GetFiles(output, "*.md") do
    File.Delete file

for name in [ "index.json"; "NuGet.config"; "export.py" ] do
    File.Delete(Path.Combine(output, name))

let replaceBy (pattern: string) (value: Match -> string) (text: string) =
    Regex.Replace(text, pattern, MatchEvaluator value, RegexOptions.Singleline)

let replace (pattern: string) (value: string) (text: string) =
    Regex.Replace(text, pattern, value, RegexOptions.Singleline)

let plain (html: string) = html |> replace "<[^>]*>" "" |> WebUtility.HtmlDecode |> replace @"\s+" " " |> _.Trim()

/// The anchor that Markdown's readers give a heading.
let slug (heading: string) = heading.ToLowerInvariant() |> replace @"[^\w\- ]" "" |> _.Replace(' ', '-')

/// Headings with anchors of their own, and links within the page to them.
let anchored (html: string) =
    let taken = HashSet<string>()
    let renamed = Dictionary<string, string>()

    let rec free (name: string) number =
        let next = if number = 0 then name else $"{name}-{number}"
        if taken.Add next then next else free name (number + 1)

    let headed =
        html
        |> replaceBy
            """<h([1-6])>\s*<a name="([^"]*)" class="anchor" href="#[^"]*">(.*?)</a>\s*</h[1-6]>"""
            (fun found ->
                let level, old, inner = found.Groups[1].Value, found.Groups[2].Value, found.Groups[3].Value
                let name = free (slug (plain inner)) 0
                renamed[old] <- name
                $"""<h{level} id="{name}">{inner} <a class="anchor" href="#{name}" aria-label="This chapter">#</a></h{level}>""")

    headed
    |> replaceBy "href=\"#([^\"]*)\"" (fun found ->
        match renamed.TryGetValue found.Groups[1].Value with
        | true, name when not (taken.Contains found.Groups[1].Value) -> $"href=\"#{name}\""
        | _ -> found.Value)

/// Code and what it printed, tables, and the menu's place.
let tidied (html: string) =
    html
    |> replace
        """<table class="pre"><tr><td class="snippet"><pre class="fssnip">(.*?)</pre></td></tr></table>"""
        "<pre>$1</pre>"
    |> replace
        """<table class="pre"><tr><td><pre>(.*?)</pre></td></tr></table>"""
        """<pre class="output" tabindex="0">$1</pre>"""
    |> replace """<pre class="fssnip""" """<pre tabindex="0" class="fssnip"""
    |> replace "<pre><code" """<pre tabindex="0"><code"""
    |> replace "<(th|td)><p>(.*?)</p></\\1>" "<$1>$2</$1>"
    |> replace
        "<table>(.*?)</table>"
        """<div class="scroll" tabindex="0" role="region" aria-label="Table"><table>$1</table></div>"""
    |> replace "</p></th>" "</th>"
    |> replace
        @"(?<=\n)(<svg\b(?:(?!</?svg\b).|(?<inner><svg\b)|(?<-inner></svg>))*(?(inner)(?!))</svg>)"
        """<figure class="picture">$1</figure>"""
    |> replace "<code lang=\"[^\"]*\">" "<code>"
    // Docstrings in hover tips.
    |> replace "<em>&lt;summary&gt;\s*" "<em>"
    |> replace "\s*&lt;/summary&gt;</em>" "</em>"

/// Overloads share a name; from the second one on each has its number.
let distinctIds (html: string) =
    let seen = Dictionary<string, int>()

    html
    |> replaceBy "<a id=\"([^\"]*)\" href=\"#[^\"]*\"" (fun found ->
        let id = found.Groups[1].Value

        match seen.TryGetValue id with
        | true, count ->
            seen[id] <- count + 1
            $"<a id=\"{id}-{count + 1}\" href=\"#{id}-{count + 1}\""
        | _ ->
            seen[id] <- 1
            found.Value)

/// The pages of the library.
let ofReference (html: string) =
    html
    |> replace """<div class="icon-button-row">.*?</div>\s*</div>\s*</div>(?=\s*</summary>|\s*</td>)""" "</div>"
    |> replace "<iconify-icon[^>]*></iconify-icon>" ""
    |> replace "<fsdocs-details-toggle></fsdocs-details-toggle>" ""
    |> replace """<div class="fsdocs-source-link"[^>]*>\s*</div>""" ""
    |> replace """<div class="icon-button-row">\s*</div>""" ""
    |> replaceBy
        """<code data-fsdocs-tip="(\d+)" data-fsdocs-tip-unique="\d+">\s*<p>(.*?)</p>\s*</code>"""
        (fun found -> $"""<div data-fsdocs-tip="tip-{found.Groups[1].Value}">{found.Groups[2].Value}</div>""")
    |> replace """<div popover="" class="fsdocs-tip" id="(\d+)">""" """<div popover class="fsdocs-tip" id="tip-$1">"""
    |> replace """<a id="([^"]*)">\s*<a href="#[^"]*">(.*?)</a>\s*</a>""" """<a id="$1" href="#$1">$2</a>"""
    |> replace "`([^`<\n]+)`" "<code>$1</code>"
    |> fun html -> Regex("<h2\\b[^>]*>(.*?)</h2>", RegexOptions.Singleline).Replace(html, "<h1>$1</h1>", 1)
    |> replace "(?<=</h1>.*)<h1>(.*?)</h1>" "<h2>$1</h2>"
    |> replace "<h3>(.*?)</h3>" "<h2>$1</h2>"
    |> replaceBy "<dl class=\"fsdocs-metadata\">.*?</dl>" (fun found -> found.Value |> replace "(</?)d[lt]\\b" "$1div")
    |> replaceBy "<thead>.*?</thead>" (fun found -> found.Value.Replace("<td", "<th").Replace("</td>", "</th>"))
    // A page of the library is one level down.
    |> _.Replace("\"./", "\"../")
    // What is not public has no page.
    |> replaceBy """<a href="\.\./(reference/[^"#]*)">(.*?)</a>""" (fun found ->
        if File.Exists(Path.Combine(output, found.Groups[1].Value)) then
            found.Value
        else
            found.Groups[2].Value)
    |> distinctIds

/// Links to files of the source that were brought along, and to pages.
let linked (html: string) =
    html
    |> replaceBy "href=\"(?:\\./)?\\.\\./([^\":]+)\"" (fun found ->
        let target = found.Groups[1].Value
        let source = Path.GetFullPath(Path.Combine(root, target))

        match texts |> List.tryFind (fun (file, _) -> file = source) with
        | Some(_, name) -> $"href=\"{name}\""
        | None -> found.Value)
    |> replace "href=\"([\\w-]+)\\.(?:md|fsx)([#\"])" "href=\"$1.html$2"
    |> replace "href=\"export\\.py\"" "href=\"files/export.py.txt\""
    |> replaceBy "<!--file:([^>]*)-->" (fun found ->
        let text = File.ReadAllText(Path.Combine(docs, found.Groups[1].Value))
        $"""<pre tabindex="0"><code>{WebUtility.HtmlEncode(text.TrimEnd())}</code></pre>""")

type Page = { at: string; title: string; headings: string; text: string }

let between (first: string) (last: string) (text: string) =
    let from = text.IndexOf(first, StringComparison.Ordinal)
    let until = text.IndexOf(last, from + 1, StringComparison.Ordinal)
    text[from .. until - 1]

let indexed (at: string) (html: string) =
    let main = between "<main" "</main>" html |> replace """<div popover.*?</div>""" ""
    let isReference = at.StartsWith "reference/"

    let headings =
        [
            for found in Regex.Matches(main, "<h[2-6][^>]*>(.*?)</h[2-6]>", RegexOptions.Singleline) ->
                found.Groups[1].Value
            for found in Regex.Matches(main, "<a id=\"([^\"]*)\" href") -> found.Groups[1].Value
        ]
        |> List.map (plain >> _.TrimEnd('#', ' '))
        |> String.concat " · "

    let title =
        let found = Regex.Match(main, "<h1[^>]*>(.*?)</h1>", RegexOptions.Singleline)
        (plain found.Groups[1].Value).TrimEnd('#', ' ')

    let text =
        plain (main |> replace "<(script|style|svg)\\b.*?</\\1>" " " |> replace "<(p|td|li|h.|div|tr|br)\\b" " <$1")
    // What the library says of itself is found by names and first words.
    let words = if isReference then text[.. min 600 text.Length - 1] else text
    { at = at; title = title; headings = headings; text = words }

let problems = ResizeArray<string>()

let pages = [
    for file in Directory.GetFiles(output, "*.html", SearchOption.AllDirectories) |> Array.sort do
        let at = Path.GetRelativePath(output, file).Replace('\\', '/')

        if at <> "live.html" then
            let html = File.ReadAllText file

            let made =
                html
                |> replace """<li class="nav-item active">\s*<a """ """<li class="nav-item"><a aria-current="page" """
                |> _.Replace("API Reference", "The library").Replace("All Namespaces", "All of it")
                |> tidied
                |> (if at.StartsWith "reference/" then ofReference else linked)
                |> anchored

            File.WriteAllText(file, made, UTF8Encoding false)

            if not (at.StartsWith "reference/") then
                if made.Contains "No value returned by any evaluator" then
                    problems.Add $"{at}: a value was not computed."

                for _ in Regex.Matches(made, """<pre class="output"[^>]*><code>\s*</code></pre>""") do
                    problems.Add $"{at}: code that should print something printed nothing; has it failed?"

            indexed at made
]

let index = JsonSerializer.Serialize(pages |> List.filter (fun page -> page.title <> ""))

File.WriteAllText(
    Path.Combine(output, "content", "search-index.js"),
    $"window.interpPages = {index};\n",
    UTF8Encoding false
)

if problems.Count > 0 then
    fail "pages show what went wrong:" (String.Join('\n', problems))

printfn "%d pages in %s: open %s in any browser." pages.Length output (Path.Combine(output, "index.html"))
