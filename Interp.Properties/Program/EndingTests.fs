/// Whose fault it was: what the user gave, the world outside, or this program.
module Interp.Properties.EndingTests

open System
open System.IO
open Expecto
open Interp
open Interp.Host
open Interp.Host.Commands
open Interp.Runs.Endings
open Interp.Runs.Directories
open Interp.Properties.Processes

/// The exit code of work that ends in an exception, and what is said about it.
let private ending (failure: exn) =
    use error = new StringWriter()
    let code = Execution.Outcome(error, (fun () -> raise failure))
    code, error.ToString()

let private sentence = "Head 7.7 does not exist; the model has heads 0.0 to 0.3."

let private given = [
    match Intervention.parse "zero 7.7" with
    | Ok intervention -> intervention
    | Error problem -> failwith problem
]

[<Tests>]
let tests =
    testList "Endings" [
        test "what the user gave ends in 2 and one sentence" {
            for refused in ([ RefusedException sentence; BadInputException sentence ]: exn list) do
                Expect.equal (ending refused) (2, $"interp: {sentence}{Environment.NewLine}") (string refused)
        }

        test "a name that does not print is escaped" {
            for failure in
                ([ BadInputException "a\nb\u001b: no such file."; IOException "a\nb\u001b: no such file." ]: exn list) do
                Expect.stringStarts (snd (ending failure)) "interp: a\\u000ab\\u001b: no such file" (string failure)
        }

        test "too little memory ends in 1 and one sentence" {
            let code, said = ending (OutOfMemoryException())
            Expect.equal code 1 "exit code"
            Expect.stringContains said "memory" "what was missing"
            isSentence (said.TrimEnd())
        }

        test "what the world refuses ends in 1 and one sentence" {
            Expect.equal
                (ending (FailedException sentence))
                (1, $"interp: {sentence}{Environment.NewLine}")
                "in our words"

            for failed in ([ IOException sentence; UnauthorizedAccessException sentence ]: exn list) do
                let said = $"interp: {sentence.TrimEnd '.'}; nothing was written.{Environment.NewLine}"
                Expect.equal (ending failed) (1, said) (string failed)

            let code, said = ending (DivergedException(3, "the loss is NaN"))
            Expect.equal code 1 "diverged"
            Expect.stringContains said "step 3" "where"
        }

        test "what the machine refuses ends in 1 and one sentence, however it is wrapped" {
            for limit in
                ([
                    OutOfMemoryException()
                    TypeInitializationException("Skia", DllNotFoundException "libSkiaSharp")
                    AggregateException(OperationCanceledException(), OutOfMemoryException())
                    Threading.Tasks.TaskSchedulerException(OutOfMemoryException())
                    FileNotFoundException("Could not load", "FSharp.Core, Version=10.1.0.0, Culture=neutral")
                    IOException("Too many open files", 24)
                    AggregateException(TypeInitializationException("Pool", IOException "No space left on device"))
                ]
                : exn list) do
                let code, said = ending limit
                Expect.equal code 1 (string limit)
                Expect.stringStarts said "interp: " (string limit)
                isSentence (said.TrimEnd('\r', '\n'))
                Expect.isFalse (said.Contains "should not have happened") said
        }

        test "whose fault a disk's refusal is, by what the operating system calls it" {
            let sentence = "There it is."

            for number, name in [ 2, "ENOENT"; 20, "ENOTDIR"; 21, "EISDIR"; 36, "ENAMETOOLONG"; 40, "ELOOP" ] do
                let refused = IOException(name, (number: int))
                Expect.isTrue (Refusal.OfGivenPath(refused, sentence) :? BadInputException) name
                Expect.isTrue (Refusal.OfGivenFile(refused, sentence) :? BadInputException) name

            for number, name in
                [
                    5, "EIO"
                    12, "ENOMEM"
                    23, "ENFILE"
                    24, "EMFILE"
                    27, "EFBIG"
                    28, "ENOSPC"
                    30, "EROFS"
                    122, "EDQUOT"
                ] do
                let refused = IOException(name, (number: int))
                Expect.isTrue (Refusal.OfGivenPath(refused, sentence) :? FailedException) name
                Expect.isTrue (Refusal.OfGivenFile(refused, sentence) :? FailedException) name

            let forbidden = UnauthorizedAccessException("EACCES", IOException("EACCES", 13))
            Expect.isTrue (Refusal.OfGivenPath(forbidden, sentence) :? FailedException) "written"
            Expect.isTrue (Refusal.OfGivenFile(forbidden, sentence) :? BadInputException) "read"
        }

        test "a mistake of this program ends in 1, and says that it is one" {
            for mistake in
                ([ ArgumentException sentence; InvalidOperationException sentence; NullReferenceException() ]: exn list) do
                let code, said = ending mistake
                Expect.equal code 1 (string mistake)
                Expect.stringContains said "this should not have happened" "whose fault"
                Expect.stringContains said (mistake.GetType().Name) "what it was"
        }

        test "an interruption ends in 130 and what became of the work" {
            Expect.equal
                (ending (InterruptedException "it stands at step 3"))
                (130, $"interp: interrupted; it stands at step 3.{Environment.NewLine}")
                "told"

            Expect.equal
                (ending (OperationCanceledException()))
                (130, $"interp: interrupted; nothing was written.{Environment.NewLine}")
                "not told"
        }

        test "where --intervene was given it is blamed for what the core refuses, and for nothing else" {
            let model =
                ModelFiles.modelOf 1 false
                |> Checkpoint.ofBytes "model"
                |> Result.map (fun checkpoint -> GivenModel(checkpoint, Tasks.study))
                |> Result.defaultWith (fun error -> failtest (CheckpointError.describe error))

            let under interventions (failure: exn) () =
                Intervening.Checked(model, interventions, Func<Intervention list, int>(fun _ -> raise failure))
                |> ignore

            Expect.throwsC (under given (RefusedException sentence)) (fun blamed ->
                Expect.equal (blamed.GetType()) typeof<BadInputException> "whose fault"
                Expect.equal blamed.Message $"--intervene: {sentence}" "the option")

            Expect.throwsT<ArgumentException> (under given (ArgumentException sentence)) "our own mistake"
            Expect.throwsT<RefusedException> (under [] (RefusedException sentence)) "nothing was given"
        }
    ]
