module Interp.Properties.Program

open System
open System.Diagnostics
open System.Threading
open Expecto
open Expecto.Impl

/// How often a line says how far the tests are.
let private everySoOften = TimeSpan.FromSeconds 5.0

/// A printer that counts, too: every few seconds a line on standard error says how many tests have ended, and in which list the newest is.
let private counting (printer: TestPrinters) =
    let clock = Stopwatch()
    let total, ended, newest = ref 0, ref 0, ref ""

    // Past Expecto's own writer, which takes standard error for standard output.
    let error = new IO.StreamWriter(Console.OpenStandardError(), AutoFlush = true)

    let say _ =
        error.WriteLine $"  {ended.Value} of {total.Value} tests, {clock.Elapsed.TotalSeconds:F0} s: {newest.Value}"

    let timer = new Timer(say)

    let count (name: string) =
        Interlocked.Increment ended |> ignore
        newest.Value <- (name.Split '.')[0]

    {
        printer with
            beforeRun =
                fun tests ->
                    total.Value <- tests |> Test.toTestCodeList |> List.length
                    clock.Start()
                    timer.Change(everySoOften, everySoOften) |> ignore
                    printer.beforeRun tests
            passed =
                fun name time ->
                    count name
                    printer.passed name time
            ignored =
                fun name why ->
                    count name
                    printer.ignored name why
            failed =
                fun name why time ->
                    count name
                    printer.failed name why time
            exn =
                fun name error time ->
                    count name
                    printer.exn name error time
            summary =
                fun config summary ->
                    timer.Dispose()
                    printer.summary config summary
    }

/// Runs every test marked with `[<Tests>]` in this assembly; arguments go to Expecto (`--filter`, `--help` and so on).
/// The last line printed is `N passed, N failed`, and `, N skipped` where this machine lacks what a test needs; running no test
/// at all is a failure.
let private runTests args =
    let mutable summary: TestRunSummary option = None
    let remember = SummaryHandler(fun results -> summary <- Some results)

    // The spinner moves the cursor and colours leave escape codes: neither may touch the last line.
    let settings = [
        CLIArguments.Printer(counting TestPrinters.defaultPrinter)
        CLIArguments.Append_Summary_Handler remember
        CLIArguments.No_Spinner
        CLIArguments.Colours(if Console.IsOutputRedirected then 0 else 8)
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
        use output = new IO.StreamWriter(Console.OpenStandardOutput())
        let andSkipped = if skipped > 0 then $", {skipped} skipped" else ""
        output.Write $"\n{passed} passed, {failed} failed{andSkipped}\n"
        if exitCode = 0 && passed + skipped > 0 && failed = 0 then 0 else 1

[<EntryPoint>]
let main args =
    match List.ofArray args with
    | [ argument; model; steps; threads ] when argument = ReproducibilityTests.argument ->
        printfn "%s" (ReproducibilityTests.fingerprint model steps threads)
        0
    | [ argument; seconds; seed; most ] when argument = CommandFuzz.workerArgument ->
        CommandFuzz.worker (float seconds) (uint64 seed) (int most)
    | argument :: seconds :: rest when argument = CommandFuzz.argument ->
        let seed =
            match rest with
            | [ "--seed"; seed ] -> uint64 seed
            | _ -> uint64 DateTime.UtcNow.Ticks

        let code, report = CommandFuzz.run (float seconds) seed Int32.MaxValue
        printf "%s" report
        code
    | [ argument ] when argument = SurfaceTests.argument ->
        SurfaceTests.accept ()
        0
    | [ argument ] when argument = Processes.lingering ->
        Processes.linger ()
        0
    | _ -> runTests (Laws.others args)
