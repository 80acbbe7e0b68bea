module Interp.Properties.Program

open Expecto
open Expecto.Impl

/// Runs every test marked with `[<Tests>]` in this assembly; arguments go to Expecto (`--filter`, `--help` and so on).
/// The last line printed is `N passed, N failed`; running no test at all is a failure.
[<EntryPoint>]
let main args =
    let mutable summary: TestRunSummary option = None
    let remember = SummaryHandler(fun results -> summary <- Some results)

    let exitCode =
        runTestsInAssemblyWithCLIArgs [ CLIArguments.Append_Summary_Handler remember ] args

    match summary with
    | None -> exitCode
    | Some results ->
        let passed = List.length results.passed
        let failed = List.length results.failed + List.length results.errored

        if passed + failed = 0 then
            eprintfn "No test was run: the filter matches none."

        stdout.Flush()
        stderr.Flush()
        printfn $"{passed} passed, {failed} failed"
        if exitCode = 0 && passed > 0 && failed = 0 then 0 else 1
