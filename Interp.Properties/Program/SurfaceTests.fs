/// What the packages show of themselves is on purpose: a file beside each project lists it.
module Interp.Properties.SurfaceTests

open System
open System.IO
open System.Reflection
open System.Text.RegularExpressions
open Expecto
open PublicApiGenerator

let private root = Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "..", ".."))

let private packages: (string * Assembly) list = [
    "Interp.Functional", typeof<Interp.RefusedException>.Assembly
    "Interp.Runs", typeof<Interp.Run>.Assembly
    "Interp.Figures", typeof<Interp.Figures.Figure>.Assembly
]

let private file project = Path.Combine(root, project, "surface.txt")

/// What a compiler adds to records and unions by itself, and attributes.
let private derived =
    Regex @"^\s*\[|\b(CompareTo|Equals|GetHashCode|get_Tag)\(|class Tags|\bint Tag \{|bool Is\w+ \{ get; \}"

/// What a type stands on is no news, and namespaces that every reader knows are left out.
let private shortened (line: string) =
    let own = Regex.Replace(line, @"(public [^(]*\b(class|struct) [\w<>, ]+?) : .*$", "$1")

    Regex.Replace(
        own,
        @"\b(Microsoft\.FSharp\.(Collections|Core)|System\.Collections\.Generic|System|Interp)\.(?=[A-Z])",
        ""
    )

let private surface (assembly: Assembly) =
    // Which the generator cannot print.
    let options =
        ApiGeneratorOptions(
            IncludeAssemblyAttributes = false,
            ExcludeAttributes = [|
                "Microsoft.FSharp.Core.CompilationMappingAttribute"
                "Microsoft.FSharp.Core.CompilationArgumentCountsAttribute"
            |]
        )

    let text = assembly.GeneratePublicApi options

    text.ReplaceLineEndings("\n").TrimEnd().Split '\n'
    |> Array.filter (fun line -> not (derived.IsMatch line))
    |> Array.map (fun line ->
        if line.StartsWith("namespace", StringComparison.Ordinal) then
            line
        else
            shortened line)

/// The argument of the test program that writes the lists anew.
let argument = "--accept-surface"

let accept () =
    for project, assembly in packages do
        File.WriteAllLines(file project, surface assembly)

[<Tests>]
let tests =
    testList "Surface" [
        for project, assembly in packages do
            test $"what {project} shows of itself is what its list says" {
                let listed = if File.Exists(file project) then File.ReadAllLines(file project) else [||]
                let shown = surface assembly
                Expect.isGreaterThan shown.Length 10 "lines"
                let gone = Array.except shown listed
                let fresh = Array.except listed shown

                Expect.isTrue
                    (listed = shown)
                    $"""no longer there: {String.Join("; ", gone)}
new: {String.Join("; ", fresh)}
where that is meant: dotnet run -c Release --project Interp.Properties -- {argument}"""
            }
    ]
