/// How laws are stated: over random keys, from which everything else is drawn by the core's own generator.
module Interp.Properties.Laws

open System
open Expecto
open FsCheck
open Interp

/// The argument that adds the long list: more files, faults, kills and draws, and the tests that only it has.
let longArgument = "--long"

/// Whether the long list was asked for.
let long = Environment.GetCommandLineArgs() |> Array.contains longArgument

/// The argument before how many times as many keys every law is to be tried at: what fails at one key in a thousand fails
/// one run in thirty otherwise.
let timesArgument = "--times"

/// Arguments without `--times` and the number behind it, and that number (1 where it is not there). What is no number from 1 on stays, for Expecto
/// to complain of.
let rec private apart (args: string list) =
    match args with
    | argument :: number :: rest when argument = timesArgument && fst (Int32.TryParse number) && int number > 0 ->
        fst (apart rest), int number
    | argument :: rest ->
        let others, times = apart rest
        argument :: others, times
    | [] -> [], 1

/// What is left for Expecto of the arguments.
let others (args: string[]) = fst (apart (List.ofArray args)) |> List.filter ((<>) longArgument) |> List.toArray

/// How many times as many cases as a law says.
let times = snd (apart (List.ofArray (Environment.GetCommandLineArgs())))

/// A law tried at `count` random keys; it fails by raising. What is printed for a failure is the key's seed.
let law count name (holds: Key -> unit) =
    let config = { FsCheckConfig.defaultConfig with maxTest = times * count }
    testPropertyWithConfig config name (fun (DoNotSize(seed: uint64)) -> holds (Key.ofSeed seed))

/// An integer from `low` to `high`.
let integer low high (use': int) key = low + (Key.integers (high - low + 1) 1 (Key.split (uint64 use') key))[0]

let truth use' key = integer 0 1 use' key = 1

/// One of some values.
let one (values: 'a list) use' key = values[integer 0 (values.Length - 1) use' key]

let normal shape (use': int) key = Tensor.normal shape (Key.split (uint64 use') key)

let floats (x: Tensor) = x.ToArray() |> Array.map float

let dot (a: float[]) (b: float[]) = Array.fold2 (fun sum x y -> sum + x * y) 0.0 a b

let largest (x: float[]) = Array.fold (fun most x -> max most (abs x)) 0.0 x

/// Largest difference, over the largest magnitude in `expected` or over 1 if that is less.
let distance (actual: float[]) (expected: float[]) =
    if actual.Length <> expected.Length then
        failtest $"{actual.Length} elements, expected {expected.Length}"

    largest (Array.map2 (-) actual expected) / max 1.0 (largest expected)

/// `actual` is within `tolerance` of `expected`, relative to the largest magnitude there (or 1).
let close tolerance what actual expected =
    let distance = distance actual expected

    // Written so that NaN fails.
    if not (distance <= tolerance) then
        failtest $"{what}: off by {distance} of the largest, allowed {tolerance}"

/// `actual` is within `tolerance` times `scale` of `expected`.
let within tolerance scale what (actual: float) (expected: float) =
    if not (abs (actual - expected) <= tolerance * scale) then
        failtest $"{what}: {actual}, expected {expected} within {tolerance * scale}"

/// The sentence with which the core refuses something; fails where it does not.
let refusal (action: unit -> unit) : string =
    try
        action ()
        failtest "nothing was refused"
    with :? RefusedException as refused ->
        refused.Message

/// The same shape and the same bits.
let same what (actual: Tensor) (expected: Tensor) =
    if actual <> expected then
        let off =
            if actual.Shape = expected.Shape then
                $"differ by {distance (floats actual) (floats expected)}"
            else
                $"have shapes {Shape.show actual.Shape} and {Shape.show expected.Shape}"

        failtest $"{what} {off}, expected the same bits"
