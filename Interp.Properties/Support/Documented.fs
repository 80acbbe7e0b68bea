/// Every public member of the libraries has a docstring.
module Interp.Properties.Documented

open System
open System.IO
open System.Reflection
open System.Runtime.CompilerServices
open System.Xml.Linq
open Expecto
open Interp
open Microsoft.FSharp.Reflection

let private everything =
    BindingFlags.Public ||| BindingFlags.Instance ||| BindingFlags.Static ||| BindingFlags.DeclaredOnly

/// A name as documentation files have it: without parameters and type parameters, so overloads share one.
let private name (id: string) =
    let bare = (id.Split '(')[0]
    bare.Split("``").[0].Replace('+', '.')

/// How many docstrings an assembly's documentation has under each name; an empty one counts for nothing.
let private docstrings (assembly: Assembly) =
    let file = Path.ChangeExtension(assembly.Location, ".xml")

    XDocument.Load(file).Descendants(XName.Get "member")
    |> Seq.filter (fun entry -> entry.Value.Trim() <> "")
    |> Seq.countBy (fun entry -> let id = entry.Attribute(XName.Get "name") in name id.Value)
    |> Map.ofSeq

let private isGenerated (info: MemberInfo) = info.IsDefined(typeof<CompilerGeneratedAttribute>, false)

/// The public members of a type, itself first, under their names in a documentation file. A constructor is described with
/// its type; what overrides a member is described with that, as is what a compiler makes.
let private membersOf (t: Type) = [
    let named kind (info: MemberInfo) = $"{kind}:{name (t.FullName + string '.' + info.Name)}"
    $"T:{name t.FullName}"

    if FSharpType.IsUnion t then
        for case in FSharpType.GetUnionCases t do
            $"T:{name t.FullName}.{case.Name}"

    let ofCases (info: MemberInfo) = FSharpType.IsUnion t && info.IsDefined(typeof<CompilationMappingAttribute>, false)

    if not t.IsEnum then
        for info in t.GetMembers everything do
            if not (isGenerated info || ofCases info) then
                match info with
                | :? MethodInfo as info when
                    (not info.IsSpecialName || info.Name.StartsWith "op_") && info.GetBaseDefinition() = info
                    ->
                    named "M" info
                | :? PropertyInfo as info -> named "P" info
                | :? FieldInfo as info when not info.IsSpecialName -> named "F" info
                | _ -> ()
    else
        for field in t.GetFields(BindingFlags.Public ||| BindingFlags.Static) do
            named "F" field
]

/// The public types of an assembly, without those that stand for a union's cases.
let private typesOf (assembly: Assembly) =
    let ofUnion (t: Type) = not (isNull t.DeclaringType) && FSharpType.IsUnion t.DeclaringType

    assembly.GetExportedTypes()
    |> Array.filter (fun t -> not (isGenerated t || ofUnion t))
    |> Array.toList

/// The public members of some types that have no docstring, and how many members there are.
let undocumented (types: Type list) : string list * int =
    let known =
        types
        |> List.map _.Assembly
        |> List.distinct
        |> List.map (fun assembly -> assembly, docstrings assembly)
        |> dict

    let members =
        types
        |> List.collect (fun t -> membersOf t |> List.map (fun name -> t.Assembly, name))
        |> List.countBy id

    members
    |> List.choose (fun ((assembly, name), count) ->
        let found = known[assembly] |> Map.tryFind name |> Option.defaultValue 0
        if found < count then Some name else None),
    members |> List.sumBy snd

/// To try the search on.
type PlantedRecord = {
    BareField: int
    /// Described.
    DescribedField: int
} with

    member _.BareMember = 0
    /// Described.
    member _.DescribedMember = 0

/// To try the search on.
type PlantedUnion =
    | BareCase
    | BareCaseWith of int
    /// Described.
    | DescribedCase
    /// Described.
    | DescribedCaseWith of int

/// To try the search on.
module PlantedModule =
    let bareValue = 0
    let bareFunction x = x + 1
    /// Described.
    let describedValue = 0
    /// Described.
    let describedFunction x = x + 1

type PlantedBare() =
    /// One of two is described.
    static member Overloaded(x: int) = x
    static member Overloaded(x: float) = x

[<Tests>]
let tests =
    testList "Docstrings" [
        test "a member without one is found" {
            let planted =
                typesOf typeof<PlantedRecord>.Assembly |> List.filter (fun t -> t.Name.StartsWith "Planted")

            let bare = [
                "P:PlantedRecord.BareField"
                "P:PlantedRecord.BareMember"
                "T:PlantedUnion.BareCase"
                "T:PlantedUnion.BareCaseWith"
                "P:PlantedModule.bareValue"
                "M:PlantedModule.bareFunction"
                "T:PlantedBare"
                "M:PlantedBare.Overloaded"
            ]

            let found, seen = undocumented planted
            let short = found |> List.map _.Replace("Interp.Properties.Documented.", "")
            Expect.equal (Set short) (Set bare) "found"
            Expect.equal seen 18 "four types, 12 members of three of them and two overloads"
        }

        test "every public member has one" {
            let libraries = [
                typeof<Tensor>.Assembly
                typeof<Kernels.ContractionLayout>.Assembly
                typeof<CommandLine.Command>.Assembly
                typeof<Run>.Assembly
                typeof<Interp.Figures.Figure>.Assembly
            ]

            for library in libraries do
                let _, seen = undocumented (typesOf library)
                Expect.isGreaterThan seen 15 $"members of {library.GetName().Name}"

            let missing = libraries |> List.collect (typesOf >> undocumented >> fst)
            Expect.isEmpty missing (String.concat ", " missing + " have no docstring")
        }
    ]
