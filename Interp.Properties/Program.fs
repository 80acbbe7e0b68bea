module Interp.Properties.Program

open Expecto
open Expecto.Impl

/// Runs every test marked with `[<Tests>]` in this assembly; arguments go to Expecto (`--filter`, `--help` and so on).
/// The last line printed is `N passed, N failed`, and `, N skipped` where this machine lacks what a test needs; running no test
/// at all is a failure.
let private runTests args =
    let mutable summary: TestRunSummary option = None
    let remember = SummaryHandler(fun results -> summary <- Some results)

    // The spinner moves the cursor and colours leave escape codes: neither may touch the last line.
    let settings = [
        CLIArguments.Append_Summary_Handler remember
        CLIArguments.No_Spinner
        CLIArguments.Colours(if System.Console.IsOutputRedirected then 0 else 8)
    ]

    let exitCode = runTestsInAssemblyWithCLIArgs settings args

    match summary with
    | None -> exitCode
    | Some results ->
        let passed = List.length results.passed
        let failed = List.length results.failed + List.length results.errored
        let skipped = List.length results.ignored

        if passed + failed + skipped = 0 then
            eprintfn "No test was run: the filter matches none."

        // Past Expecto's own writer, which pads what it prints, and on a fresh line.
        use output = new System.IO.StreamWriter(System.Console.OpenStandardOutput())
        let andSkipped = if skipped > 0 then $", {skipped} skipped" else ""
        output.Write $"\n{passed} passed, {failed} failed{andSkipped}\n"
        if exitCode = 0 && passed + skipped > 0 && failed = 0 then 0 else 1

[<EntryPoint>]
let main args =
    if args.Length = 2 && args[0] = ReproducibilityTests.argument then
        printfn "%s" (ReproducibilityTests.fingerprint args[1])
        0
    else
        runTests args
