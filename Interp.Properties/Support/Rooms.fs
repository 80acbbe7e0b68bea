/// Every room of the house stands on those below it alone, and the world outside has one door a thing.
module Interp.Properties.Rooms

open System
open System.IO
open System.Text.RegularExpressions
open ArchUnitNET.Domain
open ArchUnitNET.Domain.Dependencies
open ArchUnitNET.Loader
open Expecto

let private root = Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "..", ".."))

/// The rooms of a chapter of docs/house.md, the lowest first.
let private documented (chapter: string) =
    let text = File.ReadAllText(Path.Combine(root, "docs", "house.md"))
    let start = text.IndexOf($"## {chapter}", StringComparison.Ordinal)
    let rest = text[start + 3 ..]

    let section =
        match rest.IndexOf("\n## ", StringComparison.Ordinal) with
        | -1 -> rest
        | last -> rest[..last]

    [ for row in Regex.Matches(section, @"(?m)^\| `([\w.]+)` \|") -> row.Groups[1].Value ]

/// Projects that are one room each.
let private projects = [
    "Interp.Kernels"
    "Interp.Functional"
    "Interp.Pictures"
    "Interp.Figures"
    "Interp.CommandLine"
]

/// Those with rooms: assembly, folder, and the room of what stands in no room's namespace.
let private roomed = [ "Interp.Runs", "Interp.Runs", "Scripts"; "interp", "Interp.Host", "Program" ]

/// From below: projects as wholes, and the rooms of those that have some.
let private order =
    lazy
        ([ "Interp.Kernels"; "Interp.Functional" ]
         @ documented "The runs"
         @ [ "Interp.Pictures"; "Interp.Figures"; "Interp.CommandLine" ]
         @ documented "The host")

let private house =
    lazy
        (ArchLoader()
            .LoadAssemblies(
                typeof<Interp.Kernels.Elementwise>.Assembly,
                typeof<Interp.RefusedException>.Assembly,
                typeof<Interp.CommandLine.Command>.Assembly,
                typeof<Interp.Runs.Files.IDisk>.Assembly,
                typeof<Interp.Pictures.Figure>.Assembly,
                typeof<Interp.Figures.Figure>.Assembly,
                typeof<Interp.Host.Json.CircuitJson>.Assembly
            )
            .Build())

/// The room of a type; none for what a compiler makes outside of all namespaces, and for what other people's assemblies hold.
let private room (found: IType) =
    match found with
    // A type parameter has no home: where two have one name, one stands for both.
    | :? GenericParameter -> None
    | _ when isNull found.Assembly -> None
    | _ ->
        let assembly, inside = found.Assembly.Name.Split(',')[0], found.Namespace.FullName

        match roomed |> List.tryFind (fun (name, _, _) -> name = assembly) with
        | Some(_, folder, _) when inside.StartsWith($"{folder}.", StringComparison.Ordinal) ->
            Some inside[folder.Length + 1 ..]
        | Some(_, _, rest) -> if inside <> "" || found.Name = "Program" then Some rest else None
        | None -> if List.contains assembly projects then Some assembly else None

/// Types that a person wrote, with their rooms.
let private types =
    lazy
        ([
            for found in house.Value.Types do
                // What a compiler makes has a name that nobody can write.
                if not (Regex.IsMatch(found.FullName, "[<>@$=]")) then
                    match room found with
                    | Some inside -> inside, found
                    | None -> ()
        ])

/// Who names whom, by room and type, each once.
let private namings =
    lazy
        ([
            for inside, found in types.Value do
                for dependency in found.Dependencies do
                    match room dependency.Target with
                    | Some other when other <> inside -> (inside, found.FullName), (other, dependency.Target.FullName)
                    | _ -> ()
         ]
         |> List.distinct)

/// Those that name a type of a room above their own, or of a room that the order does not have.
let private upward (order: string list) namings =
    let height = order |> List.mapi (fun place name -> name, place) |> Map.ofList

    namings
    |> List.filter (fun ((inside, _), (other, _)) ->
        match Map.tryFind inside height, Map.tryFind other height with
        | Some own, Some its -> its > own
        | _ -> true)

let private say namings =
    namings
    |> List.truncate 10
    |> List.map (fun ((_, from: string), (_, target: string)) -> $"{from} names {target}")
    |> String.concat "\n"

/// A thing outside of the program, what reaches it, and the types that may.
type private Door = { To: string; Reaches: ITypeDependency -> bool; Keys: string list }

let private names (targets: string list) (dependency: ITypeDependency) =
    List.contains dependency.Target.FullName targets

let private calls (members: (string * string) list) (dependency: ITypeDependency) =
    match dependency with
    | :? MethodCallDependency as call ->
        members
        |> List.exists (fun (target, name) ->
            call.Target.FullName = target
            && call.TargetMember.Name.StartsWith($"{name}(", StringComparison.Ordinal))
    | _ -> false

let private doors = [
    {
        To = "the disk"
        Reaches =
            names [
                for name in [ "File"; "Directory"; "FileInfo"; "DirectoryInfo"; "FileStream"; "RandomAccess" ] ->
                    $"System.IO.{name}"
            ]
        Keys = [ "Interp.Runs.Files.Disk"; "Interp.Runs.Files.Disk+OpenFile" ]
    }
    {
        To = "the console"
        Reaches = names [ "System.Console" ]
        Keys = [
            "Interp.Host.Execution"
            "Interp.Host.Start"
            "Interp.Runs.Surroundings.StandardStream"
            "Interp.Runs.Surroundings.Terminal"
        ]
    }
    {
        To = "the clock"
        Reaches =
            fun dependency ->
                names [ "System.Diagnostics.Stopwatch" ] dependency
                || calls
                    [
                        "System.DateTime", "get_Now"
                        "System.DateTime", "get_UtcNow"
                        "System.DateTimeOffset", "get_Now"
                        "System.DateTimeOffset", "get_UtcNow"
                        "System.Environment", "get_TickCount"
                        "System.Environment", "get_TickCount64"
                        "System.TimeProvider", "get_System"
                    ]
                    dependency
        Keys = [ "Interp.Runs.Surroundings.World" ]
    }
    {
        To = "JSON as text, where a number may not be finite"
        Reaches = names [ "System.Text.Json.Utf8JsonWriter" ]
        Keys = [
            "Interp.Runs.Wording.JsonText"
            "Interp.Runs.Directories.FiniteConverter"
            // What a compiler makes for records that it writes by itself.
            "Interp.Runs.Directories.MetricsJson"
            "Interp.Runs.Directories.SnapshotJson"
            "Interp.Host.Surveys.SurveyFileJson"
        ]
    }
    {
        To = "the marks and the limits of a picture"
        Reaches = calls [ "Interp.Pictures.Plot", ".ctor" ]
        Keys = [ "Interp.Pictures.Drawing" ]
    }
    {
        To = "pixels"
        Reaches = names [ "SkiaSharp.SKCanvas" ]
        Keys = [ "Interp.Pictures.PixelRenderer" ]
    }
    {
        To = "a console's markup, which takes names for its own"
        Reaches = calls [ "Spectre.Console.Markup", "Escape" ]
        Keys = [ "Interp.Runs.Wording.Names" ]
    }
    {
        To = "a page's markup"
        Reaches = names [ "System.Net.WebUtility" ]
        Keys = [ "Interp.Host.Pages.Html" ]
    }
]

/// Pure, so that they have doors of their own or none.
let private pure' = [ "Interp.Kernels"; "Interp.Functional"; "Interp.CommandLine" ]

/// Types outside of the pure projects that reach what a door leads to and have no key.
let private past door =
    types.Value
    |> List.filter (fun (inside, found) ->
        not (List.contains inside pure')
        && not (List.contains found.FullName door.Keys)
        && found.Dependencies |> Seq.exists door.Reaches)
    |> List.map (fun (_, found) -> found.FullName)

/// Folders of a project's sources, in the order of compilation; one that is left and entered again comes twice.
let private folders (project: string) =
    [
        for source in Regex.Matches(project, "<Compile Include=\"([^\"]*)\"") ->
            (Path.GetDirectoryName source.Groups[1].Value).Replace('\\', '/')
    ]
    |> List.fold (fun seen folder -> if List.tryHead seen = Some folder then seen else folder :: seen) []
    |> List.rev

/// The sources in C# of a project, from its folder.
let private sources project =
    let place = Path.Combine(root, project)

    [
        for path in Directory.GetFiles(place, "*.cs", SearchOption.AllDirectories) do
            let name = Path.GetRelativePath(place, path).Replace('\\', '/')

            if not (Regex.IsMatch(name, "^(obj|bin)/")) then
                name
    ]

[<Tests>]
let tests =
    testList "Rooms" [
        test "no type names one of a room above its own" {
            let found = upward order.Value namings.Value
            Expect.isEmpty found $"docs/house.md has the order:\n{say found}"
        }

        test "no room is empty" {
            let counts =
                types.Value |> List.filter (fun (_, found) -> not found.IsNested) |> List.countBy fst |> Map.ofList

            let seen =
                order.Value
                |> List.map (fun name -> $"{name} {counts |> Map.tryFind name |> Option.defaultValue 0}")

            printfn "Types in each room: %s." (String.concat ", " seen)

            for name in order.Value do
                Expect.isTrue (counts.ContainsKey name) $"{name}: of {order.Value.Length} rooms"

            Expect.isEmpty (Map.keys counts |> Seq.except order.Value) "rooms that docs/house.md does not have"
        }

        test "any two rooms of which one names the other are reported where they change places" {
            let pairs = namings.Value |> List.map (fun ((inside, _), (other, _)) -> inside, other) |> List.distinct
            Expect.isGreaterThan pairs.Length order.Value.Length "pairs"

            for upper, lower in pairs do
                let swapped =
                    order.Value
                    |> List.map (fun name ->
                        if name = upper then lower
                        elif name = lower then upper
                        else name)

                Expect.exists
                    (upward swapped namings.Value)
                    (fun ((inside, _), (other, _)) -> (inside, other) = (upper, lower))
                    $"{lower} above {upper}"
        }

        test "a room that is not in the order is reported" {
            let planted = ("Cellar", "Interp.Host.Cellar.Wine"), ("Files", "Interp.Runs.Files.Disk")
            Expect.equal (upward order.Value [ planted ]) [ planted ] "the cellar"
        }

        test "of the core DiskFile alone touches the disk" {
            let disk = doors |> List.find (fun door -> door.To = "the disk")

            let found =
                types.Value
                |> List.filter (fun (inside, found) ->
                    inside = "Interp.Functional" && found.Dependencies |> Seq.exists disk.Reaches)
                |> List.map (fun (_, found) -> found.FullName)

            Expect.equal found [ "Interp.DiskFile" ] "types of the core that name the disk"
        }

        test "numbers become words in the room Wording alone" {
            // A format of decimals, in a hole of a text or as an argument.
            let format = Regex(@"\{[^{}""]*:(0|N0|F\d|G\d|E\d|P\d|R)[^{}""]*\}|ToString\(""[0NFGEP#]")

            // Counts of files, and lengths in a style sheet.
            let exempt = [ "D5"; "000000"; "0.##}%" ]

            let found = [
                for project in [ "Interp.Runs"; "Interp.Pictures"; "Interp.Host" ] do
                    for name in sources project do
                        if not (name.StartsWith("Wording/", StringComparison.Ordinal)) then
                            let source = Path.Combine(root, project, name)

                            for line in File.ReadAllLines source do
                                if format.IsMatch line && not (exempt |> List.exists line.Contains) then
                                    $"{name}: {line.Trim()}"
            ]

            Expect.equal found [] "figures that bypass Words"
        }

        test "namespaces are folders" {
            for _, project, rest in ("", "Interp.Pictures", "Interp.Pictures") :: roomed do
                let found = sources project |> List.filter ((<>) "Program.cs")
                Expect.isGreaterThan found.Length 40 $"the sources of {project} were found"

                for source in found do
                    let expected =
                        match (Path.GetDirectoryName source).Replace('/', '.') with
                        | "" -> project
                        // What scripts call is found where all of the library is.
                        | "Scripts" when rest = "Scripts" -> "Interp"
                        | folder -> $"{project}.{folder}"

                    let stated =
                        Regex
                            .Match(File.ReadAllText(Path.Combine(root, project, source)), @"(?m)^namespace ([\w.]+);")
                            .Groups[1].Value

                    Expect.equal stated expected source
        }

        test "the core's rooms are compiled in their order, each in one piece" {
            let project = File.ReadAllText(Path.Combine(root, "Interp.Functional", "Interp.Functional.fsproj"))
            let expected = documented "The core"
            Expect.isGreaterThan expected.Length 5 "rooms"
            Expect.equal (folders project) expected "docs/house.md and the project"

            let planted = project.Replace("<Compile Include=\"Files/", "<Compile Include=\"Text/")
            Expect.notEqual (folders planted) expected "a room in two pieces"
        }

        for door in doors do
            test $"there is one door to {door.To}" {
                Expect.equal (past door) [] $"past the door to {door.To}"

                for key in door.Keys do
                    let others = door.Keys |> List.except [ key ]
                    Expect.equal (past { door with Keys = others }) [ key ] "who would be seen without a key"
            }
    ]
