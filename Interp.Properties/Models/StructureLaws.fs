/// Records taken apart and put together.
module Interp.Properties.StructureLaws

open System
open Expecto
open Interp
open Interp.Properties.Laws

type private Inner = { Gain: Tensor; Shift: Tensor option }

type private Layer<'leaf> = { Weight: 'leaf; Parts: Inner list; Others: 'leaf[] }

type private Outer = { First: Tensor; Layers: Layer<Tensor> list; Only: Inner; Nothing: Tensor list }

/// A record that holds others of its kind.
type private Tree = { Value: Tensor; Children: Tree list }

type private Wrong = { Right: Tensor; Deep: WrongInside list }

and private WrongInside = { Width: int }

let private leaf i key = normal [ integer 1 3 i key; 2 ] (100 + i) key

let private inner i key = { Gain = leaf i key; Shift = (if truth (i + 1) key then Some(leaf (i + 2) key) else None) }

let private layer i key = {
    Weight = leaf i key
    Parts = List.init (integer 0 2 i key) (fun part -> inner (i + 10 * part) key)
    Others = Array.init (integer 0 2 (i + 1) key) (fun other -> leaf (i + 50 + other) key)
}

let private outer key = {
    First = leaf 1 key
    Layers = List.init (integer 0 3 2 key) (fun i -> layer (1000 * (i + 1)) key)
    Only = inner 3 key
    Nothing = []
}

/// What a structure owes to differentiation and to files.
let private holds (structure: Structure<'record>) (record: 'record) key =
    let leaves, names = structure.Leaves record, structure.Names record
    Expect.equal names.Length leaves.Length "a name for each leaf"
    Expect.equal (List.distinct names) names "each its own"
    let others = leaves |> List.mapi (fun i leaf -> normal leaf.Shape i key)
    Expect.equal (structure.Leaves(structure.Rebuild record others)) others "what was put together is taken apart"
    Expect.equal (structure.Leaves(structure.Rebuild (structure.Rebuild record others) leaves)) leaves "and back"
    Expect.equal (structure.Names(structure.Rebuild record others)) names "under the same names"

    if not leaves.IsEmpty then
        Expect.throwsT<ArgumentException>
            (fun () -> structure.Rebuild record leaves.Tail |> structure.Leaves |> ignore)
            "a leaf too few"

[<Tests>]
let tests =
    testList "Structures" [
        law 100 "of a record's type take any record of it apart and put it together" (fun key ->
            holds (Structure.ofRecord<Outer>()) (outer key) key)

        law 50 "of the built-in model, by the names of its files or of its fields" (fun key ->
            let model = Given.model (Given.architecture key) key
            holds Model.structure model key
            let derived = Structure.ofRecord<Model<Tensor>>()
            holds derived model key

            Expect.equal
                (List.sort (derived.Names model |> List.map _.Length)).Length
                (Model.leaves model).Length
                "all"

            Expect.equal
                (Model.structure.Names model)
                (Model.leaves (Model.names (Given.architecture key)))
                "the names of its files")

        test "names are the way to a leaf" {
            let x = Tensor.ones [ 1 ]
            let inner shift = { Gain = x; Shift = shift }

            let record = {
                First = x
                Layers = [ { Weight = x; Parts = [ inner None; inner (Some x) ]; Others = [| x |] } ]
                Only = inner None
                Nothing = []
            }

            Expect.equal
                (Structure.ofRecord<Outer>().Names record)
                [
                    "First"
                    "Layers.0.Weight"
                    "Layers.0.Parts.0.Gain"
                    "Layers.0.Parts.1.Gain"
                    "Layers.0.Parts.1.Shift"
                    "Layers.0.Others.0"
                    "Only.Gain"
                ]
                "names"
        }

        test "a record may hold others of its kind" {
            let x = Tensor.ones [ 1 ]
            let leaf = { Value = x; Children = [] }
            let tree = { Value = x; Children = [ leaf; { leaf with Children = [ leaf ] } ] }
            holds (Structure.ofRecord<Tree>()) tree (Key.ofSeed 1UL)

            Expect.equal
                (Structure.ofRecord<Tree>().Names tree)
                [ "Value"; "Children.0.Value"; "Children.1.Value"; "Children.1.Children.0.Value" ]
                "names"
        }

        test "what is neither is refused by its name and type" {
            let sentence = refusal (fun () -> Structure.ofRecord<Wrong>() |> ignore)
            Expect.stringContains sentence "Deep.Width is of type Int32" "which field"
            Expect.stringContains (refusal (fun () -> Structure.ofRecord<int>() |> ignore)) "Int32" "no record"
        }
    ]
