/// The same seed gives the same bits, on any number of threads and on machines with other vector instructions.
module Interp.Properties.ReproducibilityTests

open System.Reflection
open System.Runtime.Intrinsics.X86
open Expecto
open Interp
open Interp.Properties.Processes

/// The argument that makes this program print a fingerprint instead of running tests: it is followed by the model's name, the number
/// of steps and that of threads.
let argument = "fingerprint"

/// SHA-256 of the weights after that many steps.
let weightsAfter steps threads (c: Configuration) =
    let objective = Recipe.objective c (Tasks.ofForm c.Task)

    (Training.advance (Training.compile threads objective) steps (Training.start objective)).State.Weights
    |> Checkpoint.weightsSha256

/// A model that has everything: two layers, smeared keys, a batch that fills no shard.
let private everything = {
    Configuration.studySmeared with
        Architecture = { Configuration.studySmeared.Architecture with NLayers = 2 }
        Batch = 72
        Seed = 5UL
}

let private twoLayers = {
    Configuration.study with
        Architecture = { Configuration.study.Architecture with NLayers = 2 }
}

/// Models of seed 977, each with the weights that it has after 120 steps.
let private golden = [
    "plain", Configuration.study, "487efc59a3dcdf9ac3e829bfc5a076cd4f66f620a5e73fd5cc8df5de3ee81374"
    "smeared", Configuration.studySmeared, "736737ee2dde5bc8e32e15c126b042c033cdc52fc852301ec2fc6e57bb1126c2"
    "two-layer", twoLayers, "4fc0c33b0d049ca0756ef69536b8dbb0055ff4dae64a9e95ddf78f6abee1118f"
]

let private goldenSteps = 120

let private modelOf name =
    golden
    |> List.tryPick (fun (other, c, _) -> if other = name then Some { c with Seed = 977UL } else None)
    |> Option.defaultValue everything

/// What this program prints when asked for a fingerprint: SHA-256 of the weights.
let fingerprint (name: string) (steps: string) (threads: string) = weightsAfter (int steps) (int threads) (modelOf name)

/// What it prints with an environment variable set to 0.
let private without (switch: string) (name: string) (steps: int) (threads: int) =
    let arguments = [ Assembly.GetExecutingAssembly().Location; argument; name; string steps; string threads ]
    let outcome = runDotnet [ switch, "0" ] arguments
    succeeds outcome
    outcome.Output.Trim()

/// Without these instructions a variable that forbids them changes nothing, and the test would compare a thing with itself.
let private requires what isThere =
    if not isThere then
        skiptest $"this machine has no {what}"

let private switches = [
    "DOTNET_EnableAVX512", "AVX-512", Avx512F.IsSupported
    "DOTNET_EnableAVX2", "AVX2", Avx2.IsSupported
    "DOTNET_TieredCompilation", "JIT", true
]

// Long enough for the JIT to replace its first code. Without hardware for fused multiply-adds a step takes a hundred times as long.
let private stepsWithout switch = if switch = "DOTNET_EnableAVX2" then 4 else 200

[<Tests>]
let tests =
    testList "Reproducibility" [
        test "the same weights with 1, 2 and 3 threads" {
            let expected = weightsAfter 200 1 everything

            for threads in [ 2; 3 ] do
                Expect.equal (weightsAfter 200 threads everything) expected $"weights_sha256 with {threads} threads"
        }

        for switch, what, isThere in switches do
            let steps = stepsWithout switch

            test $"the same weights after {steps} steps with {switch}=0" {
                requires what isThere
                Expect.equal (without switch "everything" steps 1) (weightsAfter steps 1 everything) "weights_sha256"
            }

        for name, _, expected in golden do
            for threads in [ 1; 2 ] do
                test $"the {name} model has its weights on threads: {threads}" {
                    Expect.equal (weightsAfter goldenSteps threads (modelOf name)) expected "weights_sha256"
                }

            test $"the {name} model has its weights without AVX-512" {
                requires "AVX-512" Avx512F.IsSupported
                Expect.equal (without "DOTNET_EnableAVX512" name goldenSteps 2) expected "weights_sha256"
            }
    ]
