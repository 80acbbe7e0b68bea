/// Files: what is written is read back, and nothing else is read.
module Interp.Properties.CheckpointLaws

open System
open System.Text
open System.Text.RegularExpressions
open Expecto
open Interp
open Interp.Properties.Laws

/// The characters of a text, of which some do not show.
let private tokensOf size key =
    let all = [ 0; 9; 10; 32; int 'A'; int '\\'; 0x7F; 0xA0; 0xE9; 0x200B; 0x2400; 0x2423; 0x20AC; 0x1F600 ]
    let count = integer 1 (min size all.Length) 50 key
    let order = Key.uniform all.Length (Key.split 51UL key)

    List.zip (List.ofArray order) all
    |> List.sortBy fst
    |> List.take count
    |> List.map snd
    |> List.sort
    |> Vocabulary.characters

/// A checkpoint of some run.
let given key : Checkpoint =
    let c = Given.configuration key
    let weights = Given.model c.Architecture key

    let moments = [ Model.map (fun x -> 2.0 * x) weights; Model.map Tensor.square weights ]

    Checkpoint.ofRun
        { c with Seed = one [ 0UL; 1UL; UInt64.MaxValue ] 40 key }
        (integer 0 1000000 41 key)
        weights
        (if truth 42 key then Some moments else None)
    |> Checkpoint.withTokens (if truth 43 key then Some(tokensOf c.Architecture.DVocab key) else None)

let private read bytes = Checkpoint.ofBytes "model.safetensors" bytes

let private problem bytes =
    match read bytes with
    | Ok _ -> failtest "the file was read"
    | Error error ->
        let sentence = CheckpointError.describe error
        Expect.stringStarts sentence "model.safetensors: " "the file is named"
        Expect.stringEnds sentence "." "a sentence"
        Expect.isFalse (sentence.Contains '\n') "one line"
        sentence

/// The file with its parts replaced: metadata and tensors in order.
let private rewritten change (checkpoint: Checkpoint) =
    match Safetensors.parse (ReadOnlyMemory(Checkpoint.toBytes checkpoint)) with
    | Error sentence -> failtest sentence
    | Ok file ->
        let tensors =
            file.Entries.Values
            |> Seq.sortBy _.Start
            |> Seq.map (fun entry ->
                match Safetensors.read entry.Name entry.Shape file with
                | Ok tensor -> entry.Name, tensor
                | Error sentence -> failtest sentence)
            |> Seq.toList

        // Without the check sum, whose absence only a file of the first revision is allowed.
        let metadata =
            file.Metadata |> Map.remove "check_sha256" |> Map.remove ArithmeticRevision.name |> Map.toList

        change metadata tensors ||> Safetensors.write

let private withMetadata field value =
    rewritten (fun metadata tensors -> (field, value) :: (metadata |> List.filter (fst >> (<>) field)), tensors)

/// The file with another text as its header.
let private withHeader (change: string -> string) (bytes: byte[]) =
    let length = int (BitConverter.ToUInt64(bytes, 0))
    let header = Encoding.UTF8.GetBytes(change (Encoding.UTF8.GetString(bytes, 8, length)))
    Array.concat [ BitConverter.GetBytes(uint64 header.Length); header; bytes[8 + length ..] ]

let private reading =
    testList "reading" [
        law 60 "a checkpoint read back is the same bits" (fun key ->
            let checkpoint = given key
            let bytes = Checkpoint.toBytes checkpoint

            match read bytes with
            | Error error -> failtest (CheckpointError.describe error)
            | Ok found ->
                Expect.equal found checkpoint "the checkpoint"
                Expect.equal (Checkpoint.toBytes found) bytes "its bytes"

                Expect.equal
                    (Checkpoint.weightsSha256 found.Weights)
                    (Checkpoint.weightsSha256 checkpoint.Weights)
                    "weights_sha256")

        law 40 "weights_sha256 changes with any bit of any weight" (fun key ->
            let weights = (given key).Weights
            let leaves = Model.leaves weights
            let which = integer 0 (leaves.Length - 1) 50 key
            let elements = leaves[which].ToArray()
            let i = integer 0 (elements.Length - 1) 51 key
            elements[i] <- MathF.BitIncrement elements[i]

            let other =
                Model.rebuild weights (List.updateAt which (Tensor.ofArray leaves[which].Shape elements) leaves)

            Expect.notEqual (Checkpoint.weightsSha256 other) (Checkpoint.weightsSha256 weights) "weights_sha256")

        test "the names of bytes are read back, and what are no names of tokens is refused" {
            let a = { Configuration.study.Architecture with DVocab = 256 }
            let c = { Configuration.study with Architecture = a }
            let model = Checkpoint.ofRun c 0 (Given.model a (Key.ofSeed 1UL)) None

            let found =
                model
                |> Checkpoint.withTokens (Some Vocabulary.bytes)
                |> Checkpoint.toBytes
                |> read
                |> Result.toOption

            Expect.equal (found |> Option.bind _.Tokens) (Some Vocabulary.bytes) "bytes"
            let many = String.concat "," (List.init 257 (fun i -> $"\"\\u{1024 + i:x4}\""))

            for text in
                [ ""; "x"; "[]"; "{}"; "null"; "[1]"; "[null]"; "[\"a\",\"a\"]"; "[\"ab\"]"; "[\"\"]"; $"[{many}]" ] do
                Expect.stringContains (problem (withMetadata "tokens" text model)) "\"tokens\"" text
        }

        law 150 "a file cut short is refused" (fun key ->
            let bytes = Checkpoint.toBytes (given key)
            problem (Array.take (integer 0 (bytes.Length - 1) 50 key) bytes) |> ignore)

        law
            60
            "a file says whether keys alone are smeared as it always has, and one that says no more is the study's kind"
            (fun key ->
                let checkpoint = given key
                let a = checkpoint.Architecture

                let before =
                    checkpoint
                    |> rewritten (fun metadata tensors ->
                        let said = Map.ofList metadata
                        Expect.equal said["smear"] (string a.Smear) "what is smeared"
                        Expect.equal said["positions"] (string a.Positions) "positions"
                        Expect.equal said["smeared"] (if a.Smear = Smear.Keys then "true" else "false") "keys alone"
                        said |> Map.remove "smear" |> Map.remove "positions" |> Map.toList, tensors)

                match read before, a.Positions, a.Smear with
                | Ok found, _, _ ->
                    let smear = if a.Smear = Smear.Keys then Smear.Keys else Smear.Neither

                    Expect.equal
                        found.Architecture
                        { a with Positions = Positions.Study; Smear = smear }
                        "as it was before"
                // Its weights are others than the study's kinds have; without layers or weights of their own, kinds are alike.
                | Error _, Positions.Standard, _
                | Error _, _, (Smear.Queries | Smear.Both) -> ()
                | Error error, _, _ -> failtest (CheckpointError.describe error))

        law 300 "a file that a run can go on from is refused with any bit changed" (fun key ->
            let checkpoint = given key
            let moments = [ checkpoint.Weights; checkpoint.Weights ]
            let bytes = Checkpoint.toBytes { checkpoint with Moments = Some moments }
            let i = integer 0 (bytes.Length - 1) 50 key
            bytes[i] <- bytes[i] ^^^ (1uy <<< integer 0 7 51 key)
            problem bytes |> ignore)

        law 100 "what a file says of its run is the run's configuration, and differs from every other" (fun key ->
            let c = Given.configuration key
            let checkpoint = Checkpoint.ofRun c 0 (Given.model c.Architecture key) None

            match read (Checkpoint.toBytes checkpoint) with
            | Error error -> failtest (CheckpointError.describe error)
            | Ok found ->
                let run revision c = Provenance.ofConfiguration revision c
                Expect.isEmpty (Checkpoint.differences (run ArithmeticRevision.current c) found) "differences"
                Expect.isEmpty (Provenance.unsaid found.Provenance) "unsaid"

                let other = { c with Epsilon = c.Epsilon / 2.0; Steps = c.Steps + 1 }

                let names =
                    Checkpoint.differences (run (ArithmeticRevision.current + 1) other) found |> List.map _.Name

                Expect.equal names [ "steps"; "epsilon"; ArithmeticRevision.name ] "differences")

        law 300 "damage in the header never raises" (fun key ->
            let bytes = Checkpoint.toBytes (given key)
            let header = 8 + int (BitConverter.ToUInt64(bytes, 0))

            for i in 0 .. integer 0 3 50 key do
                bytes[integer 0 (header - 1) (60 + i) key] <- byte (integer 0 255 (70 + i) key)

            // Some damage leaves a valid file: another seed, say.
            match read bytes with
            | Ok _ -> ()
            | Error _ -> problem bytes |> ignore)

        law 300 "a header with a piece of it moved, doubled or left out never raises" (fun key ->
            let bytes =
                Checkpoint.toBytes (given key)
                |> withHeader (fun header ->
                    let start = integer 0 (header.Length - 1) 50 key
                    let count = integer 1 (min 60 (header.Length - start)) 51 key
                    let piece = header.Substring(start, count)
                    let place = integer 0 (header.Length - count) 52 key

                    match integer 0 2 53 key with
                    | 0 -> header.Remove(start, count)
                    | 1 -> header.Insert(place, piece)
                    | _ -> header.Remove(start, count).Insert(place, piece))

            match read bytes with
            | Ok _ -> ()
            | Error _ -> problem bytes |> ignore)

        law 100 "bytes of anything are refused" (fun key ->
            let words = Key.words (integer 0 200 50 key) (Key.split 51UL key)
            words |> Array.collect BitConverter.GetBytes |> problem |> ignore)
    ]

let private strictness =
    testList "strictness" [
        law 30 "a number that is not finite is named with its tensor" (fun key ->
            let bad = one [ nan; infinity; -infinity ] 50 key

            let sentence =
                given key
                |> rewritten (fun metadata tensors ->
                    let which = integer 0 (tensors.Length - 1) 51 key
                    let name, tensor = tensors[which]
                    let elements = tensor.ToArray()
                    elements[integer 0 (elements.Length - 1) 52 key] <- float32 bad
                    metadata, List.updateAt which (name, Tensor.ofArray tensor.Shape elements) tensors)
                |> problem

            Expect.stringContains sentence (string (float32 bad)) "the number")

        law 30 "a tensor that is missing is named" (fun key ->
            let checkpoint = given key
            let names = Model.leaves (Model.names checkpoint.Architecture)
            let gone = names[integer 0 (names.Length - 1) 50 key]

            let sentence =
                checkpoint
                |> rewritten (fun metadata tensors -> metadata, tensors |> List.filter (fst >> (<>) gone))
                |> problem

            Expect.stringContains sentence gone "the tensor"
            Expect.stringContains sentence "expected F32 of shape" "what was expected")

        law 30 "half of the optimizer's state is not enough" (fun key ->
            let checkpoint = given key
            let moments = [ checkpoint.Weights; checkpoint.Weights ]

            { checkpoint with Moments = Some moments }
            |> rewritten (fun metadata tensors ->
                metadata, tensors |> List.filter (fun (name, _) -> not (name.StartsWith "adamw.v.")))
            |> problem
            |> ignore)

        law 30 "a tensor that does not belong is named" (fun key ->
            let sentence =
                given key
                |> rewritten (fun metadata tensors -> metadata, ("blocks.9.mlp.W_in", Tensor.ones [ 2 ]) :: tensors)
                |> problem

            Expect.stringContains sentence "blocks.9.mlp.W_in" "the tensor"
            Expect.stringContains sentence (Shape.show [ 2 ]) "its shape")

        law 30 "a tensor of another name is named, and the one that it should have been" (fun key ->
            let sentence =
                given key
                |> rewritten (fun metadata tensors ->
                    metadata,
                    tensors
                    |> List.map (fun (name, tensor) -> (if name = "embed.W_E" then "embed.W_e" else name), tensor))
                |> problem

            for part in [ "embed.W_e"; "\"embed.W_E\" is missing" ] do
                Expect.stringContains sentence part "the tensor")

        law 30 "a tensor of another shape is named with both shapes" (fun key ->
            let checkpoint = given key
            let a = checkpoint.Architecture

            let sentence =
                checkpoint
                |> rewritten (fun metadata tensors ->
                    metadata,
                    tensors
                    |> List.map (fun (name, x) ->
                        name, (if name = "embed.W_E" then Tensor.reshape [ Shape.size x.Shape ] x else x)))
                |> problem

            Expect.stringContains sentence "embed.W_E" "the tensor"
            Expect.stringContains sentence (Shape.show [ a.DVocab; a.DModel ]) "the shape expected"
            Expect.stringContains sentence (Shape.show [ a.DVocab * a.DModel ]) "the shape found")

        law 60 "data that overlaps, leaves a hole or has another size is refused" (fun key ->
            let bytes = Checkpoint.toBytes (given key)
            let names = Model.leaves (Model.names (given key).Architecture)
            let name = names[integer 0 (names.Length - 1) 50 key]
            let first, last = one [ 4, 4; 0, 4; 0, -4; 4, 0; 1, 1; 4, 8 ] 51 key

            let moved (header: string) =
                let pattern = Regex($"(\"{Regex.Escape name}\":.*?data_offsets\":\\[)(\\d+),(\\d+)")

                pattern.Replace(
                    header,
                    (fun (found: Match) ->
                        let at (group: int) = int found.Groups[group].Value
                        $"{found.Groups[1].Value}{at 2 + first},{at 3 + last}"),
                    1
                )

            let damaged = withHeader moved bytes
            Expect.notEqual damaged bytes "the header is another one"
            problem damaged |> ignore)

        test "another element type is named" {
            let bytes =
                Checkpoint.toBytes (given (Key.ofSeed 1UL))
                |> withHeader (fun header -> header.Replace("F32", "F16"))

            Expect.stringContains (problem bytes) "F16" "the type"
        }

        law 300 "metadata out of bounds is refused, never raised" (fun key ->
            let fields = [
                "n_layers"
                "n_heads"
                "d_model"
                "d_head"
                "d_vocab"
                "n_ctx"
                "positions"
                "smear"
                "seed"
                "steps"
                "batch"
            ]

            let values = [ ""; "-1"; "0"; "1.5"; "abc"; "99999999999999999999999"; "2147483647"; "True"; " 1"; "1e3" ]
            let field, value = one fields 50 key, one values 51 key
            let checkpoint = given key
            // These are admissible.
            let fine =
                (value = "0" || value = "2147483647") && (field = "seed" || field = "steps")
                || value = "0" && field = "n_layers" && checkpoint.Architecture.NLayers = 0

            let bytes = withMetadata field value checkpoint

            if fine then
                Expect.isOk (read bytes) $"{field} = {value}"
            else
                problem bytes |> ignore)

        test "a header that declares more than memory is refused before anything is allocated" {
            let bytes = Array.append (BitConverter.GetBytes UInt64.MaxValue) (Array.zeroCreate 100)
            Expect.stringContains (problem bytes) (string UInt64.MaxValue) "the length"
        }
    ]

[<Tests>]
let tests = testList "Checkpoints" [ reading; strictness ]
