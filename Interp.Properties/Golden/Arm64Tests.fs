/// The same bits on ARM64: the program that `Interp.Benchmarks/arm64/prepare.sh` publishes, under qemu's emulation of the instructions of one process.
module Interp.Properties.Arm64Tests

open System
open System.Diagnostics
open System.IO
open System.Runtime.InteropServices
open System.Threading
open Expecto
open Interp
open Interp.Properties.Processes

/// Where prepare.sh puts it unless it is told otherwise.
let private prepared =
    Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "..", "..", "Interp.Benchmarks", "bin", "arm64"))

/// Why there is nothing to emulate here.
let private missing () =
    let program = Path.Combine(prepared, "interp", "interp")

    // What the weights depend on; both files are portable, and the same sources give the same bytes.
    let isOfTheseSources name =
        File.ReadAllBytes(Path.Combine(Path.GetDirectoryName program, name)) =
            File.ReadAllBytes(Path.Combine(Path.GetDirectoryName host, name))

    if RuntimeInformation.ProcessArchitecture = Architecture.Arm64 then
        Some "this machine is ARM64 itself: the list Reproducibility holds its weights to those of others"
    elif (shell "command -v qemu-aarch64").ExitCode <> 0 then
        Some "there is no qemu-aarch64 here"
    elif not (File.Exists program) then
        Some "there is no program for ARM64 here; Interp.Benchmarks/arm64/prepare.sh makes it"
    elif not (List.forall isOfTheseSources [ "Interp.Kernels.dll"; "Interp.Functional.dll" ]) then
        Some "the program for ARM64 is of other sources; Interp.Benchmarks/arm64/prepare.sh makes it anew"
    else
        None

/// It takes half a minute.
let private patience = TimeSpan.FromMinutes 5.0

/// The weights after some steps of a training, which ends there: what comes after, the held-out loss, would take as long again three times.
let private emulated (steps: int) (options: string list) =
    inDirectory (fun directory ->
        let out = Path.Combine(directory, "run")
        let last = Path.Combine(out, "checkpoints", $"step-{steps:D9}.safetensors")

        // qemu does not see that code has changed where the runtime writes it through a second mapping.
        use run =
            startFile "qemu-aarch64" [ "DOTNET_EnableWriteXorExecute", "0" ] [
                "-L"
                Path.Combine(prepared, "sysroot")
                Path.Combine(prepared, "interp", "interp")
                "train"
                "--steps"
                string steps
                "--threads"
                "1"
                "--out"
                out
                yield! options
            ]

        let clock = Stopwatch.StartNew()

        while not (run.HasExited || File.Exists last) && clock.Elapsed < patience do
            Thread.Sleep 20

        run.Kill()
        let outcome = finish run
        Expect.isTrue (File.Exists last) $"step {steps} is reached; the program said: {outcome.Error}"
        (Checkpoint.load last).Weights |> Checkpoint.weightsSha256)

[<Tests>]
let tests =
    testList "ARM64" [
        for name, c, options in
            [ "plain", Configuration.study, []; "smeared", Configuration.studySmeared, [ "--smeared" ] ] do
            test $"the {name} model has the weights of this machine" {
                missing () |> Option.iter skiptest
                let steps, seed = 5, 977UL
                let there = emulated steps [ "--seed"; string seed; yield! options ]
                Expect.equal there (ReproducibilityTests.weightsAfter steps 1 { c with Seed = seed }) "weights_sha256"
            }
    ]
