/// Small maps in a terminal: as wide as it is, and none where colours cannot be shown.
module Interp.Properties.TerminalMapTests

open System
open System.IO
open System.Text.RegularExpressions
open Expecto
open Spectre.Console
open Interp.Pictures
open Interp.Host.Drawn
open Interp.Properties.Laws
open Interp.Properties.ModelFiles
open Interp.Properties.Processes

let private console width (writer: TextWriter) =
    let settings =
        AnsiConsoleSettings(
            Ansi = AnsiSupport.Yes,
            ColorSystem = ColorSystemSupport.TrueColor,
            Out = AnsiConsoleOutput writer
        )

    let console = AnsiConsole.Create settings
    console.Profile.Width <- width
    console

/// A square map; what lies behind the diagonal has no value.
let private map side name =
    SmallMap(
        name,
        [|
            for row in 0 .. side - 1 ->
                [| for column in 0 .. side - 1 -> if column > row then Nullable() else Nullable 0.5 |]
        |]
    )

let private written width maps =
    use writer = new StringWriter()
    TerminalMap.Write(console width writer, "title", maps, false)
    // What moves no cursor.
    Regex.Replace(writer.ToString(), "\u001b\\[[0-9;]*m", "").Split '\n'

/// What the program writes to a terminal, by the one that `script` makes; none where there is no such program.
let private onTerminal (environment: string) (words: string list) =
    let dll = typeof<SmallMap>.Assembly.Location
    let quoted = words |> List.map (fun word -> $"'{word}'") |> String.concat " "
    let command = $"env TERM=xterm {environment} dotnet {dll} {quoted}"

    if (shell "command -v script").ExitCode <> 0 then
        skiptest "there is no `script` here to make a terminal"

    let outcome = shell $"script -qec \"{command}\" /dev/null < /dev/null"
    succeeds outcome
    outcome.Output

[<Tests>]
let tests =
    testList "Terminal maps" [
        law 60 "no line is wider than the terminal, and every map is there" (fun key ->
            let width = integer 12 140 1 key
            let side = integer 1 60 2 key
            let count = integer 1 9 3 key
            let lines = written width [| for i in 1..count -> map side $"m{i}" |]

            for line in lines do
                Expect.isLessThanOrEqual (line.TrimEnd().Length) width $"{width} columns, {count} of {side}"

            let all = String.concat "\n" lines

            for i in 1..count do
                Expect.stringContains all $"m{i}" "a map's name")

        test "without colours, or where it is no terminal, there are none" {
            use writer = new StringWriter()
            Expect.isFalse (TerminalMap.IsPossible(console 80 writer)) "a file"
        }

        test "a terminal has them; --no-picture, NO_COLOR, --json and a pipe leave them out" {
            withModel (fun _ file ->
                let attention = [ "attention"; file; "--text"; "ABC" ]
                let has (text: string) = text.Contains '▀'
                Expect.isTrue (has (onTerminal "" attention)) "attention"
                Expect.isTrue (has (onTerminal "" [ "circuits"; file ])) "circuits"
                Expect.isFalse (has (onTerminal "" (attention @ [ "--no-picture" ]))) "--no-picture"
                Expect.isFalse (has (onTerminal "NO_COLOR=1" attention)) "NO_COLOR"
                Expect.isFalse (has (onTerminal "" (attention @ [ "--json" ]))) "--json"
                Expect.isFalse (has (interp attention).Output) "a pipe")
        }
    ]
