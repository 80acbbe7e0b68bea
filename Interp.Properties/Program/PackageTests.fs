/// The packages as their users meet them: from a feed, into an empty package cache and an empty folder.
module Interp.Properties.PackageTests

open System
open System.IO
open System.Reflection.Metadata
open System.Reflection.PortableExecutable
open System.Xml.Linq
open System.IO.Compression
open Expecto
open Interp
open Interp.Properties.Processes

let private root = Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "..", ".."))

let private libraries = [
    "Interp.Functional", "Interp"
    "Interp.Runs", "Interp.Runs"
    "Interp.Figures", "Interp.Figures"
]

/// Packs what is built, without building or restoring anything.
let private pack feed project =
    runDotnet [] [
        "pack"
        Path.Combine(root, project)
        "-c"
        "Release"
        "--no-build"
        "-p:BuildProjectReferences=false"
        "-o"
        feed
    ]
    |> succeeds

/// The packages that the machine has already, but for ours, so that nothing else has to be fetched again and ours are not an earlier build's.
let private others directory =
    let cache =
        Environment.GetEnvironmentVariable "NUGET_PACKAGES"
        |> Option.ofObj
        |> Option.defaultValue (
            Path.Combine(Environment.GetFolderPath Environment.SpecialFolder.UserProfile, ".nuget", "packages")
        )

    for package in Directory.GetDirectories cache do
        let name = Path.GetFileName package

        if not (name.StartsWith("interp", StringComparison.OrdinalIgnoreCase)) then
            Directory.CreateSymbolicLink(Path.Combine(directory, name), package) |> ignore

/// A feed of all packages, an empty folder beside it, and the environment of whoever works in it.
let private withFeed test =
    inDirectory (fun directory ->
        let folder name = (Directory.CreateDirectory(Path.Combine(directory, name))).FullName
        let feed = folder "feed"

        for project in List.map fst libraries @ [ "Interp.Host" ] do
            pack feed project

        let known = folder "known"
        others known

        test feed (folder "work") [
            "NUGET_PACKAGES", folder "cache"
            "NUGET_FALLBACK_PACKAGES", known
            "DOTNET_CLI_HOME", folder "home"
            "DOTNET_NOLOGO", "1"
        ])

let private model = Path.GetFullPath(ModelFiles.reference "smeared_s11.safetensors")

/// What the core says of that model.
let private score =
    lazy
        ((Circuits.spectra (Model.load model))
            .DirectPath.Score.ToString("F4", Globalization.CultureInfo.InvariantCulture))

/// A package's entries, and its description.
let private opened (path: string) =
    use archive = ZipFile.OpenRead path
    let names = [ for entry in archive.Entries -> entry.FullName ]
    let description = archive.Entries |> Seq.find (fun entry -> entry.FullName.EndsWith ".nuspec")
    use stream = description.Open()
    names, XDocument.Load stream

let private field (name: string) (description: XDocument) =
    description.Descendants() |> Seq.filter (fun element -> element.Name.LocalName = name) |> Seq.toList

/// The types of another assembly that a file names.
let private named (assembly: string) (file: string) =
    use stream = File.OpenRead file
    use image = new PEReader(stream)
    let reader = image.GetMetadataReader()

    [
        for handle in reader.TypeReferences do
            let found = reader.GetTypeReference handle

            if found.ResolutionScope.Kind = HandleKind.AssemblyReference then
                let from = reader.GetAssemblyReference(AssemblyReferenceHandle.op_Explicit found.ResolutionScope)

                if reader.GetString from.Name = assembly then
                    $"{reader.GetString found.Namespace}.{reader.GetString found.Name}"
    ]

/// The types that an assembly holds.
let private held (file: string) =
    use stream = File.OpenRead file
    use image = new PEReader(stream)
    let reader = image.GetMetadataReader()

    set [
        for handle in reader.TypeDefinitions do
            let found = reader.GetTypeDefinition handle
            $"{reader.GetString found.Namespace}.{reader.GetString found.Name}"
    ]

[<Tests>]
let tests =
    testSequencedGroup "packing"
    <| testList "Packages" [
        test "the libraries name no type that F# Interactive's own FSharp.Core has not" {
            // …/shared/Microsoft.NETCore.App/VERSION/
            let shared = Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory()

            let core =
                Directory.GetFiles(
                    Path.GetFullPath(Path.Combine(shared, "..", "..", "..", "sdk")),
                    "FSharp.Core.dll",
                    SearchOption.AllDirectories
                )
                |> Array.filter (fun path -> Path.GetFileName(Path.GetDirectoryName path) = "FSharp")
                |> Array.sort
                |> Array.last
                |> held

            Expect.isGreaterThan core.Count 1000 "it was found"

            for name in [ "Interp.Functional"; "Interp.Kernels"; "Interp.Runs"; "Interp.Pictures"; "Interp.Figures" ] do
                let file = Path.Combine(AppContext.BaseDirectory, $"{name}.dll")
                Expect.equal (named "FSharp.Core" file |> List.filter (core.Contains >> not)) [] name
        }

        test
            "from a feed alone: a script in F#, a program in C# and the tool, each by the lines that the documents have" {
            withFeed (fun feed work environment ->
                for _, id in libraries do
                    let names, description = opened (Directory.GetFiles(feed, $"{id}.0*.nupkg") |> Array.exactlyOne)
                    Expect.contains names "package.md" $"{id}: readme"
                    Expect.contains names "icon.png" $"{id}: icon"
                    Expect.isNonEmpty (names |> List.filter (fun name -> name.EndsWith ".xml")) $"{id}: documents"
                    Expect.equal (field "license" description).Head.Value "MIT" $"{id}: licence"
                    Expect.isNotEmpty (field "releaseNotes" description).Head.Value $"{id}: release notes"

                    Expect.isTrue
                        (Directory.GetFiles(feed, $"{id}.0*.snupkg").Length = 1)
                        $"{id}: symbols lie beside it"

                    for dependency in field "dependency" description do
                        let name = dependency.Attribute(XName.op_Implicit "id").Value
                        let version = dependency.Attribute(XName.op_Implicit "version").Value

                        if name.StartsWith("Interp", StringComparison.Ordinal) then
                            Expect.stringStarts version "[" $"{id}: its own neighbours in this very version"
                            Expect.contains (List.map snd libraries) name $"{id}: a neighbour that is a package"

                let names, _ = opened (Directory.GetFiles(feed, "Interp.0*.nupkg") |> Array.exactlyOne)
                Expect.contains names "lib/net10.0/Interp.Kernels.dll" "the kernels are inside"

                let run = Path.Combine(work, "run")
                interp [ "train"; "--steps"; "3"; "--batch"; "4"; "--out"; run ] |> succeeds

                // A script, as package.md of Interp.Figures has it.
                let script = Path.Combine(work, "look.fsx")

                File.WriteAllLines(
                    script,
                    [
                        $"#i \"nuget: {feed}\""
                        "#r \"nuget: Interp.Figures\""
                        "open Interp"
                        $"let model = Model.load @\"{model}\""
                        "let circuits = CircuitScores.ofModel model"
                        "printfn \"direct path %.4f\" circuits.DirectPath.Spectrum.Score"
                        "Figure.circuits circuits |> Seq.head |> Figure.save \"circuits.png\""
                        "let run = Run.Open \"run\""
                        "Figure.losses [ \"a\" ] [ run.Losses ] |> Figure.save \"losses.svg\""
                    ]
                )

                let said = dotnetIn work environment [ "fsi"; "--quiet"; script ]
                succeeds said
                Expect.equal (said.Output.Trim()) $"direct path {score.Value}" "what the script prints"
                Expect.isFalse (said.Error.Contains "NU1605") "no package asks for more than F# Interactive brings"
                Expect.isGreaterThan (FileInfo(Path.Combine(work, "circuits.png"))).Length 10_000L "a picture"

                // A program.
                File.Delete script

                File.WriteAllText(
                    Path.Combine(work, "nuget.config"),
                    $"<configuration><packageSources><add key=\"here\" value=\"{feed}\" /></packageSources></configuration>"
                )

                File.WriteAllText(
                    Path.Combine(work, "look.csproj"),
                    "<Project Sdk=\"Microsoft.NET.Sdk\"><PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>\
                     <ItemGroup><PackageReference Include=\"Interp\" Version=\"0.*\" /></ItemGroup></Project>"
                )

                // As docs/csharp.md has it.
                let page = File.ReadAllText(Path.Combine(root, "docs", "csharp.md"))
                let block = page[page.IndexOf("```csharp", StringComparison.Ordinal) + "```csharp".Length ..]

                File.WriteAllText(
                    Path.Combine(work, "Program.cs"),
                    block[.. block.IndexOf("```", StringComparison.Ordinal) - 1]
                )

                let said = dotnetIn work environment [ "run"; "--project"; work ]
                succeeds said

                for start in [ "loss "; "completion "; "without head 0.1 "; "head 0.3 copies by "; "D behind C: " ] do
                    Expect.stringContains said.Output start "what the program prints"

                // The tool.
                let tools = Path.Combine(work, "tools")

                dotnetIn work environment [ "tool"; "install"; "Interp.Tool"; "--tool-path"; tools; "--source"; feed ]
                |> succeeds

                let tool = Path.Combine(tools, "interp")
                let version = runIn work environment tool [ "--version" ]
                succeeds version
                Expect.stringStarts (version.Output.Trim()) "0." "the version"

                let json = runIn work environment tool [ "logits"; model; "--text"; "ABC"; "--json" ]
                succeeds json
                let here = interpWith [] [ "logits"; model; "--text"; "ABC"; "--json" ]
                Expect.equal json.Output here.Output "the installed program says what the built one says"

                let help = runIn work environment tool [ "--help" ]
                Expect.isFalse (help.Output.Contains "dotnet run") "the tool does not speak of its sources"

                let study = Path.Combine(work, "study")
                succeeds (runIn work environment tool [ "study"; "plan"; "--seeds"; "1"; "--out"; study ])
                let slurm = runIn work environment tool [ "study"; "slurm"; study ]
                Expect.stringContains slurm.Output $"\nexec {tool} study run " "a command that outlives an update")
        }
    ]
