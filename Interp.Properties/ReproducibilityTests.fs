/// The same seed gives the same bits on machines with other vector instructions.
module Interp.Properties.ReproducibilityTests

open System
open System.Diagnostics
open Expecto
open Interp

/// The argument that makes this program print `fingerprint` instead of running tests.
let argument = "fingerprint"

/// SHA-256 of the weights after some steps of a model that has everything: two layers, smeared keys, a batch that fills no shard.
let fingerprint () =
    let c = {
        Configuration.studySmeared with
            Architecture = { Configuration.studySmeared.Architecture with Layers = 2 }
            Batch = 24
            Seed = 5UL
    }

    (Training.advance (Training.compile 1 c) 3 (Training.start c)).State.Weights
    |> Checkpoint.weightsSha256

/// The fingerprint that this program prints where the runtime leaves some instructions unused.
let private without (switch: string) =
    let dotnet =
        Environment.GetEnvironmentVariable "DOTNET_HOST_PATH"
        |> Option.ofObj
        |> Option.defaultValue "dotnet"

    let info =
        ProcessStartInfo(
            dotnet,
            [ Reflection.Assembly.GetExecutingAssembly().Location; argument ],
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
        for switch in [ "DOTNET_EnableAVX512"; "DOTNET_EnableAVX2" ] do
            test $"the same weights with {switch}=0" { Expect.equal (without switch) (fingerprint ()) "weights_sha256" }
    ]
