/// The one table of fields, and what is made from it.
module Interp.Properties.FieldLaws

open FSharp.Reflection
open Expecto
open Interp
open Interp.CommandLine
open Interp.Properties.Laws
open Interp.Properties.Options

/// A value of a field's range.
let private drawn (field: Field) key =
    match (Field.describe field).Range with
    | WholeFrom(low, high) -> Whole(integer low high 1 key)
    | AnyNatural -> Natural(one [ 0UL; 7UL; System.UInt64.MaxValue ] 2 key)
    | NumberFrom(low, high) -> Number(low + (high - low) * float (Key.uniform 1 (Key.split 3UL key) |> Array.head))
    | AnyTruth -> Truth(truth 4 key)
    | OneOf words -> Word(one words 5 key)
    | Written _ ->
        let { Optimiser.Schedule = schedule; Decay = decay; Clip = clip } = OptimiserLaws.optimiser key

        match field with
        | Field.Schedule -> Word(string schedule)
        | Field.Decay -> Word(string decay)
        | Field.Clip -> Word(Clip.show clip)
        | _ -> Word(string (Given.configuration key).Task)

let private any key = one Field.all 10 key

/// The configuration that a command line asks for, or the sentence that refuses it.
let private trained (options: string list) =
    match Parse.commandLine (List.toArray ([ "train"; "--out"; "x" ] @ options)) with
    | Parsed.Run(Command.Train { Run = NewRun(configuration, _) }) -> Ok configuration
    | Parsed.Bad sentence -> Error sentence
    | other -> failtest $"{options}: {other}"

[<Tests>]
let tests =
    testList "Fields" [
        test "the table lists every field once, and no name means two" {
            let cases = FSharpType.GetUnionCases typeof<Field>
            Expect.equal (Field.all @ Field.spellings).Length cases.Length "every case"
            Expect.equal (List.distinct Field.all) Field.all "once"

            let names =
                Field.all |> List.collect (fun field -> let row = Field.describe field in row.Name :: row.OldNames)

            Expect.equal (List.distinct names) names "names"

            for field in Field.all do
                Expect.isNonEmpty (Field.describe field).Meaning "what it means"

                Expect.equal
                    (Field.parse field (string (Field.standard field)))
                    (Ok(Field.standard field))
                    "the default fits"
        }

        law 300 "a value is found again where it was set, and nothing else changes" (fun key ->
            let field = any key
            let row = Field.describe field
            let value = drawn field key
            let c = row.Set value Configuration.study
            Expect.equal (row.Get c) value "the value"

            let others = Field.differences c Configuration.study |> List.map (fun (field, _, _) -> field)
            Expect.isTrue (others |> List.forall ((=) field)) $"also changed: {others}")

        law 300 "a field that a file lacks has the value that its row knows, and what is there stays" (fun key ->
            let absent = any key
            let value = drawn absent key
            let other = any (Key.split 20UL key)
            let found = [ other, drawn other key ]
            let knows field = if field = absent then Some value else None
            let completed = Field.completedBy knows found

            let expected = if absent = other then found else found @ [ absent, value ]
            Expect.equal completed expected "what the file says"
            Expect.equal (Field.completedBy (fun _ -> None) found) found "where no row knows anything")

        test "what absence means fits the field" {
            for field in Field.all do
                match (Field.describe field).Absent with
                | Some value -> Expect.equal (Field.parse field (string value)) (Ok value) (Field.name field)
                | None -> ()
        }

        law 300 "what is printed of a value reads back" (fun key ->
            let field = any key
            let value = drawn field key
            Expect.equal (Field.parse field (string value)) (Ok value) (Field.name field))

        test "numbers are read in the invariant form, within their range" {
            for field in Field.all do
                for text in [ ""; " "; "0,01"; "1,000"; "1 000"; "x"; "1e999"; "nan"; "٣"; "0x10" ] do
                    match Field.parse field text with
                    | Ok value -> failtest $"{Field.name field} = {text} was read as {value}"
                    | Error sentence ->
                        match (Field.describe field).Range with
                        | Written _ -> Expect.stringContains sentence "for example" "what was expected"
                        | range -> Expect.stringContains sentence (string range) "what was expected"

                match (Field.describe field).Range with
                | WholeFrom(low, high) ->
                    for outside in [ low - 1; high + 1 ] do
                        Expect.isError (Field.parse field (string outside)) $"{Field.name field} = {outside}"
                | NumberFrom(low, high) ->
                    for outside in [ low - 1.0; high + 1.0 ] do
                        Expect.isError (Field.parse field (string (Number outside))) $"{Field.name field} = {outside}"
                | AnyNatural -> Expect.isError (Field.parse field "-1") "below zero"
                | AnyTruth
                | OneOf _
                | Written _ -> Expect.isError (Field.parse field "yes") "a word"
        }

        law 300 "what follows from other fields follows, unless it is given" (fun key ->
            let given =
                [ Field.NHeads; Field.DModel; Field.DHead; Field.BlockLength; Field.Blocks; Field.NCtx ]
                |> List.filter (fun field -> truth (20 + hash field % 100) (Key.split (uint64 (abs (hash field))) key))
                |> List.map (fun field -> field, drawn field key)

            let c = Field.set given Configuration.study
            let a = c.Architecture
            let has field = given |> List.exists (fst >> (=) field)

            for field, value in given do
                Expect.equal ((Field.describe field).Get c) value (Field.name field)

            if not (has Field.DHead) && (has Field.NHeads || has Field.DModel) then
                Expect.equal a.DHead (max 1 (a.DModel / a.NHeads)) "d_head"

            if not (has Field.NCtx) && (has Field.BlockLength || has Field.Blocks) then
                Expect.equal (int64 a.NCtx) (max 2L (TaskForm.size c.Task).Value.Length) "n_ctx")

        law 300 "every field has its option, under its name and under those of earlier versions" (fun key ->
            let field = any key
            let value = drawn field key
            let row = Field.describe field

            // An old name under which there were other values stands alone still.
            for name in row.Name :: (if row.OldValues.IsEmpty then row.OldNames else []) do
                let option = "--" + name.Replace('_', '-')

                let options =
                    match value with
                    | Truth true -> [ option ]
                    | Truth false -> []
                    | _ -> [ option; string value ]

                let expected = Field.set [ field, value ] Configuration.study

                match trained options, Field.problem expected with
                | Ok configuration, None -> Expect.equal configuration expected option
                | Error sentence, Some problem -> Expect.equal sentence problem.Sentence option
                | found -> failtest $"{option} {value}: {found}")

        test "what earlier versions wrote of a field's values is read, and smeared stands for smeared keys" {
            for field in Field.all do
                for text, value in (Field.describe field).OldValues do
                    Expect.equal (Field.parse field text) (Ok value) text

            Expect.equal (Field.tryFind "smeared") (Some Field.Smear) "the old name"
            Expect.equal (Field.parse Field.Smear "true") (Ok(Word "keys")) "what it was"
            let smeared = Ok Configuration.studySmeared
            Expect.equal (trained [ "--smeared" ]) smeared "the short option"
            Expect.equal (trained [ "--smear"; "keys" ]) smeared "the option"

            match trained [ "--smeared"; "--smear"; "queries" ] with
            | Error sentence -> Expect.stringContains sentence "--smeared is short for --smear keys" "both"
            | Ok _ -> failtest "both were taken"
        }

        test "rotary positions turn entries in pairs, and heads need not divide the stream" {
            let a = { Configuration.study.Architecture with Positions = Positions.Rotary; DHead = 5 }

            match Field.architectureProblem a with
            | Some problem -> Expect.stringContains problem.Sentence "d_head is 5" "an odd width"
            | None -> failtest "an odd width was taken"

            Expect.equal
                (Field.architectureProblem { a with DHead = 6; NHeads = 5 })
                None
                "5 heads of 6 beside a stream of 32"
        }

        test "the help lists every field by its name, with its default, and no old name" {
            let words = (helpIn 80 [ "train"; "--help" ]).Split([| ' '; '\n'; ','; '['; ']' |]) |> Set.ofArray

            for field in Field.all do
                Expect.isTrue (words.Contains(Field.option field)) (Field.option field)

                let row = Field.describe field

                for old in (if row.OldValues.IsEmpty then row.OldNames else []) do
                    Expect.isFalse (words.Contains("--" + old.Replace('_', '-'))) old
        }
    ]
