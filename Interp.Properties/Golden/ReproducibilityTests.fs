/// The same seed gives the same bits on machines with other vector instructions.
module Interp.Properties.ReproducibilityTests

open System
open System.Diagnostics
open Expecto
open Interp

/// The argument that makes this program print `fingerprint` instead of running tests.
let argument = "fingerprint"

/// SHA-256 of the weights after some steps of a model that has everything: two layers, smeared keys, a batch that fills no shard.
let private weightsAfter steps threads =
    let c = {
        Configuration.studySmeared with
            Architecture = { Configuration.studySmeared.Architecture with NLayers = 2 }
            Batch = 72
            Seed = 5UL
    }

    (Training.advance (Training.compile threads c) steps (Training.start c)).State.Weights
    |> Checkpoint.weightsSha256

/// What this program prints when asked for a fingerprint after `steps` steps.
let fingerprint (steps: string) = weightsAfter (int steps) 1

// Long enough for the JIT to replace its first code. Without hardware for fused multiply-adds a step takes a hundred times as long.
let private many, few = 200, 4

/// The fingerprint that this program prints with an environment variable set to 0.
let private without (switch: string) (steps: int) =
    let dotnet =
        Environment.GetEnvironmentVariable "DOTNET_HOST_PATH"
        |> Option.ofObj
        |> Option.defaultValue "dotnet"

    let info =
        ProcessStartInfo(
            dotnet,
            [ Reflection.Assembly.GetExecutingAssembly().Location; argument; string steps ],
            RedirectStandardOutput = true
        )

    info.Environment[switch] <- "0"

    use run =
        Process.Start info
        |> Option.ofObj
        |> Option.defaultWith (fun () -> failtest $"{dotnet} did not start")

    let printed = run.StandardOutput.ReadToEnd().Trim()
    run.WaitForExit()
    Expect.equal run.ExitCode 0 "exit code"
    printed

[<Tests>]
let tests =
    testList "Reproducibility" [
        test "the same weights with 1, 2 and 3 threads" {
            let expected = weightsAfter many 1

            for threads in [ 2; 3 ] do
                Expect.equal (weightsAfter many threads) expected $"weights_sha256 with {threads} threads"
        }

        for switch, steps in [ "DOTNET_EnableAVX512", many; "DOTNET_TieredCompilation", many; "DOTNET_EnableAVX2", few ] do
            test $"the same weights after {steps} steps with {switch}=0" {
                Expect.equal (without switch steps) (weightsAfter steps 1) "weights_sha256"
            }
    ]
