namespace Interp

open System

/// How a learning rate gets to its next value.
[<RequireQualifiedAccess>]
[<StructuredFormatDisplay("{Display}")>]
type Course =
    /// Along a straight line.
    | Linear
    /// Along half a cosine (Loshchilov and Hutter 2017, "SGDR"): slowly, faster, slowly.
    | Cosine
    /// Not before the step at which it has it.
    | Jump

    member internal this.Display = Display.line (this.ToString())

    /// "linear", "cosine" or "jump"
    override this.ToString() =
        match this with
        | Linear -> "linear"
        | Cosine -> "cosine"
        | Jump -> "jump"

/// One part of a schedule: the way from where the part before it ends.
[<StructuredFormatDisplay("{Display}")>]
type SchedulePart = {
    /// How it gets there.
    Course: Course
    /// The factor at its end, at least 0.
    Factor: float
    /// The step at its end, after the end of the part before.
    At: int
} with

    member internal this.Display = Display.line (this.ToString())

    /// "cosine to 0.1 at 10000"
    override this.ToString() = $"{this.Course} to {Numbers.show this.Factor} at {this.At}"

/// What the learning rate is multiplied by, as a function of a step's number; see `Schedule.factor` for its law.
[<StructuredFormatDisplay("{Display}")>]
type Schedule = {
    /// Steps in which the factor rises along a straight line from 0, before the first step, to 1, at the last of them; none where it is 0.
    WarmUp: int
    /// What comes then, each part after the one before it.
    Parts: SchedulePart list
} with

    member internal this.Display = Display.line (this.ToString())

    /// "constant", "warm-up 100", "warm-up 100 then cosine to 0.1 at 10000", "jump to 0.1 at 5000 then jump to 0.01 at 8000": `Schedule.parse` reads it.
    override this.ToString() =
        match
            [
                if this.WarmUp <> 0 then
                    $"warm-up {this.WarmUp}"
                for part in this.Parts do
                    string part
            ]
        with
        | [] -> "constant"
        | parts -> String.Join(" then ", parts)

/// Schedules of the learning rate.
[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Schedule =

    /// A factor of 1 at every step: the bits of a training are those that it has without a schedule.
    let constant: Schedule = { WarmUp = 0; Parts = [] }

    /// The largest factor.
    let private largest = 1e6

    /// An example for sentences.
    let private example = "\"warm-up 100 then cosine to 0.1 at 10000\""

    // The square of the cosine of a quarter turn times x, by Taylor's series, which is the same on every machine. At 1 the series leaves
    // some 1e-16, and its square is lost beside any factor.
    let private fallen x =
        let y = -(0.5 * Math.PI * x) * (0.5 * Math.PI * x)
        let mutable term = 1.0
        let mutable sum = 1.0

        for n in 1..14 do
            term <- term * y / float ((2 * n - 1) * (2 * n))
            sum <- sum + term

        sum * sum

    let rec private along (step: int) (start: int) (from: float) (parts: SchedulePart list) =
        match parts with
        | [] -> from
        // To the bit, where the next part would round it.
        | _ when step = start -> from
        | part :: rest when step >= part.At -> along step part.At part.Factor rest
        | part :: _ ->
            let x = float (step - start) / float (part.At - start)

            match part.Course with
            | Course.Linear -> from + (part.Factor - from) * x
            | Course.Cosine -> part.Factor + (from - part.Factor) * fallen x
            | Course.Jump -> from

    /// The factor at step number n, counted from 1. With a warm-up of w steps it is n / w up to step w. A part leads from the factor u at
    /// step a (from 1 at step w, the first of them) to v at step b; with x = (n - a) / (b - a) it is
    ///   linear: u + (v - u) x;   cosine: v + (u - v) (1 + cos(pi x)) / 2;   jump: u, and v from step b on.
    /// After the last part it stays. A schedule that is piecewise constant is a chain of jumps.
    let factor (schedule: Schedule) (step: int) : float =
        if step < schedule.WarmUp then
            float step / float schedule.WarmUp
        else
            along step schedule.WarmUp 1.0 schedule.Parts

    /// What does not fit, if there is something: half a sentence on what was expected and what was found.
    let internal problem (schedule: Schedule) : string option =
        let ends = schedule.WarmUp :: (schedule.Parts |> List.map _.At)

        let wrong (before, part) =
            if not (part.Factor >= 0.0 && part.Factor <= largest) then
                Some
                    $"expected factors from 0 to {Numbers.show largest}, for example {example}, found {Quote.number part.Factor}"
            elif part.At <= before then
                Some $"expected steps that ascend, for example {example}, found \"{part}\" after step {before}"
            else
                None

        if schedule.WarmUp < 0 then
            Some $"expected a warm-up of some steps, for example {example}, found {schedule.WarmUp}"
        else
            List.zip (List.take schedule.Parts.Length ends) schedule.Parts |> List.tryPick wrong

    let private part (text: string) : Result<SchedulePart, string> =
        let expected what = Error $"expected {what}, found \"{Quote.text text}\""

        match text.Split([| ' ' |], StringSplitOptions.RemoveEmptyEntries) with
        | [| course; "to"; factor; "at"; step |] ->
            match
                [ Course.Linear; Course.Cosine; Course.Jump ] |> List.tryFind (string >> (=) course),
                Numbers.real factor,
                Numbers.whole step
            with
            | Some course, Some factor, Some step -> Ok { Course = course; Factor = factor; At = step }
            | None, _, _ -> expected "linear, cosine or jump, for example \"cosine to 0.1 at 10000\""
            | Some course, _, _ ->
                expected $"a factor and the number of a step, for example \"{course} to 0.1 at 10000\""
        | words when words.Length > 0 && words[0] = "warm-up" ->
            expected $"warm-up as the first part alone, with its steps, for example {example}"
        | words when words.Length > 0 && words[0] = "constant" -> expected "\"constant\" alone"
        | _ -> expected $"a part, for example \"warm-up 100\" or \"cosine to 0.1 at 10000\""

    /// Reads what a schedule prints, or says in half a sentence what was expected. A comma may stand for "then".
    let parse (text: string) : Result<Schedule, string> =
        let parts =
            text.Split([| ","; " then " |], StringSplitOptions.None) |> Array.toList |> List.map _.Trim()

        let warmUp, rest =
            match parts with
            | first :: rest ->
                match first.Split([| ' ' |], StringSplitOptions.RemoveEmptyEntries) with
                | [| "warm-up"; steps |] ->
                    match Numbers.whole steps with
                    | Some steps when steps > 0 -> steps, rest
                    | _ -> 0, parts
                | _ -> 0, parts
            | [] -> 0, parts

        if parts = [ "constant" ] then
            Ok constant
        else
            (Ok [], rest)
            ||> List.fold (fun read text ->
                read |> Result.bind (fun read -> part text |> Result.map (fun part -> part :: read)))
            |> Result.bind (fun read ->
                let schedule = { WarmUp = warmUp; Parts = List.rev read }

                match problem schedule with
                | None -> Ok schedule
                | Some problem -> Error problem)
