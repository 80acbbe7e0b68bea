/// The same bits on ARM64: the program that `Interp.Benchmarks/arm64/prepare.sh` publishes, under qemu's emulation of the instructions of one process.
module Interp.Properties.Arm64Tests

open System
open System.IO
open System.Runtime.InteropServices
open Expecto
open Interp.Properties.Processes

/// Where prepare.sh puts it unless it is told otherwise.
let private prepared = Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "..", "..", "Interp.Benchmarks", "bin", "arm64"))

/// Why there is nothing to emulate here.
let private missing () =
    let program = Path.Combine(prepared, "interp", "interp")

    // What the weights depend on; both files are portable, and the same sources give the same bytes.
    let isOfTheseSources name =
        File.ReadAllBytes(Path.Combine(Path.GetDirectoryName program, name)) = File.ReadAllBytes(
            Path.Combine(Path.GetDirectoryName host, name)
        )

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

let private emulated args =
    // Under qemu the runtime's second mapping of its code is at times not seen, and the process crashes.
    runIn "" [ "DOTNET_EnableWriteXorExecute", "0" ] "qemu-aarch64" [
        "-L"
        Path.Combine(prepared, "sysroot")
        Path.Combine(prepared, "interp", "interp")
        yield! args
    ]

[<Tests>]
let tests =
    testList "ARM64" [
        for name, options in [ "plain", []; "smeared", [ "--smeared" ] ] do
            test $"the {name} model has the weights of this machine" {
                missing () |> Option.iter skiptest

                inDirectory (fun directory ->
                    let weights run =
                        let words = [ "train"; "--steps"; "3"; "--threads"; "1"; "--seed"; "977"; "--json"; "--out" ]
                        let outcome: Outcome = run (words @ [ Path.Combine(directory, string (Guid.NewGuid())) ] @ options)
                        succeeds outcome
                        (Text.Json.JsonDocument.Parse outcome.Output).RootElement |> textAt [ "weights_sha256" ]

                    Expect.equal (weights emulated) (weights interp) "weights_sha256")
            }
    ]
