/// The options of a command as rows of a table, from Argu's description of a union of its arguments. Words are sorted by it (`Line`), and
/// help and completion are made from it.
module internal Interp.CommandLine.Table

open System.Collections.Concurrent
open FSharp.Reflection
open Argu

/// What stands behind an option's name.
type Values =
    | Nothing
    | One
    | Many

/// A row of a command's table of options.
[<NoEquality; NoComparison>]
type Row = {
    Case: UnionCaseInfo
    /// "--text", "-t"; none for what has no name, such as the model.
    Names: string list
    Values: Values
    /// What a value is: "model", "letters".
    Value: string
    Unique: bool
    Mandatory: bool
    /// Known only to say why the command has it not.
    Hidden: bool
    /// What the help says of it.
    Usage: string
}

let private row (info: ArgumentCaseInfo) = {
    Case = info.UnionCaseInfo
    Names = if info.IsMainCommand then [] else info.CommandLineNames.Value
    Values =
        match info.UnionCaseInfo.GetFields(), info.ArgumentType with
        | [||], _ -> Nothing
        | _, ArgumentType.List -> Many
        | _ -> One
    Value = info.UnionCaseInfo.GetFields() |> Array.tryHead |> Option.map _.Name |> Option.defaultValue ""
    Unique = info.IsUnique.Value
    Mandatory = info.IsMandatory.Value
    Hidden = info.IsHidden.Value
    Usage = info.Description.Value
}

let private tables = ConcurrentDictionary<System.Type, obj>()

/// Argu's parser of a command's arguments, and their rows.
let parser<'T when 'T :> IArgParserTemplate> () : ArgumentParser<'T> * Row list =
    let make _ =
        let parser = ArgumentParser.Create<'T>(programName = "interp", checkStructure = false)
        box (parser, parser.GetArgumentCases() |> List.map row)

    unbox (tables.GetOrAdd(typeof<'T>, make))

/// The rows of a command's options.
let rows<'T when 'T :> IArgParserTemplate> () : Row list = snd (parser<'T>())
