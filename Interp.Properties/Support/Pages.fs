/// What every page that the program writes must keep, whatever it is of.
module Interp.Properties.Pages

open System
open System.IO
open System.Text.RegularExpressions
open Expecto

/// What the first group of a pattern matches, everywhere in a text.
let matches pattern text =
    Regex.Matches(text, pattern, RegexOptions.Singleline)
    |> Seq.map (fun found -> found.Groups[1].Value)
    |> Seq.toList

/// The page needs nothing but itself; works that it cites may stand elsewhere.
let needsNothingElse page =
    let page = Regex.Replace(page, "<a href=\"https://[^\"]*\" rel=\"noreferrer\">", "")
    // The program's own, which the page's policy knows by their hashes; of the last elements of a page, the first may be data.
    let page =
        Regex.Replace(page, "(?s)<script type=\"application/json\" id=\"interp-data\">[^<]*</script>", "")

    let page = Regex.Replace(page, "(?s)<script type=\"module\">.*</script>\\s*</body>", "")

    for reference in matches "(?:src|href|action|poster|data|srcset)\\s*=\\s*[\"']([^\"']*)" page do
        Expect.isTrue (reference.StartsWith '#' || reference.StartsWith "data:") $"reference to {reference[..60]}"

    Expect.isFalse (Regex.IsMatch(page, "@import|<script|url\\(|https?://")) "imports, scripts and addresses"

let linksLeadSomewhere page =
    let targets = matches "\\sid=\"([^\"]*)\"" page |> Set.ofList

    for anchor in matches "href=\"#([^\"]*)\"" page do
        Expect.contains targets anchor "anchor"

/// Every picture has a description, and every figure the command that makes it again.
let figuresExplain commands page =
    for image in matches "<img\\s([^>]*)>" page do
        Expect.isGreaterThan
            (matches "alt=\"([^\"]*)\"" image |> List.sumBy String.length)
            20
            "length of the description"

    for figure in matches "<figure[^>]*>(.*?)</figure>" page do
        Expect.isNonEmpty (matches $"<code>(interp {commands} [^<]*)</code>" figure) "command"

/// The pictures on the page are the files beside it.
let picturesAreFiles directory page =
    let figures = Path.Combine(directory, "figures")

    let files =
        (if Directory.Exists figures then Directory.GetFiles figures else [||])
        |> Array.map (File.ReadAllBytes >> Convert.ToBase64String)
        |> Set.ofArray

    Expect.equal (matches "src=\"data:image/png;base64,([^\"]*)\"" page |> Set.ofList) files "pictures"
