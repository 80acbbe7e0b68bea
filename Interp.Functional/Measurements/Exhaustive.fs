namespace Interp

open System
open System.Threading
open Interp.Kernels

/// The inputs of one class, as far as they were looked at.
type ClassTotals = {
    /// Inputs.
    Count: int64
    /// Those of them that are completed without a wrong token.
    Exact: int64
    /// How likely a sequence is to be one of them; in sums of which each input that is as likely as any other counts 1.
    Weight: float
    /// The sum over inputs of weight times cross-entropy, nats, of all counted predictions.
    Loss: float
}

/// How far an evaluation on all inputs has come: all that it needs to be gone on with.
[<StructuredFormatDisplay("{Display}")>]
type ExhaustiveState = {
    /// Inputs that were looked at; they are the first ones.
    Done: int64
    /// The sum over inputs of weight times cross-entropy, nats, of each token but the first: [pos-1].
    Losses: float list
    /// The sum over inputs of weight times the number of counted predictions whose likeliest token is the right one.
    Right: float
    /// By the classes' numbers.
    Classes: ClassTotals list
    /// Inputs whose right tokens are ahead by less than double precision can tell from nothing.
    Undecided: int64
    /// The least of the leads, or arrears, of right tokens that decided over an input; infinite where there was none.
    LeastMargin: float
    /// The numbers of inputs that are not completed, of the class that is listed and as many as are: the latest first.
    Failures: int64 list
} with

    member internal this.Display = Display.line $"after {Display.count this.Done} inputs"


/// How many of some prompts are completed.
type ExactPrompts = {
    /// Prompts.
    Count: int64
    /// Those of them that are completed without a wrong token.
    Exact: int64
}

/// How the inputs of a class are completed.
type ExactClass = {
    /// Its name.
    Name: string
    /// Inputs.
    Count: int64
    /// Those of them that are completed without a wrong token.
    Exact: int64
    /// Mean cross-entropy of the counted predictions, nats a token.
    Loss: float
}

/// What is true of the inputs that were looked at.
[<StructuredFormatDisplay("{Display}")>]
type ExactEvaluation = {
    /// Inputs that were looked at.
    Patterns: int64
    /// Inputs that there are.
    All: int64
    /// Mean cross-entropy of the counted predictions, nats a token; over sequences as likely as the task has them.
    Loss: float
    /// Share of counted predictions, in single precision, whose likeliest token is the right one.
    Accuracy: float
    /// Cross-entropy of each token but the first, nats.
    PerPositionLoss: float list
    /// All inputs.
    Whole: ExactPrompts
    /// Those whose block has no letter twice, and the others; none where the task repeats no block.
    ByBlock: struct (ExactPrompts * ExactPrompts) option
    /// What tells the classes apart.
    Kind: string
    /// Classes that have inputs.
    Classes: ExactClass list
    /// Inputs whose right tokens are ahead by less than 1e-10, either way, in double precision: none of them is counted as completed.
    Undecided: int64
    /// The least of the leads, or arrears, that decided over an input, as logits; none where there was none.
    LeastMargin: float option
    /// Inputs that are not completed, of the class that was asked for.
    Failed: int64
    /// The first of these by their numbers.
    Failures: int64 list
} with

    member internal this.Display =
        [
            $"over {Display.count this.Patterns} of all {Display.count this.All} inputs"
            $"  loss {Display.number this.Loss} nats a token, accuracy {Display.percent this.Accuracy}"
            $"  completed exactly {Display.count this.Whole.Exact} of {Display.count this.Whole.Count}, undecided {Display.count this.Undecided}"
            for each in this.Classes do
                $"  {each.Name}: {Display.count each.Exact} of {Display.count each.Count}, loss {Display.number each.Loss}"
        ]
        |> Display.lines 24


/// Which inputs that are not completed are listed.
type FailureList = {
    /// The name of their class; none for any.
    Of: string option
    /// As many as this at most.
    Most: int
}

/// An evaluation on all inputs that is ready to run. Not for several threads at once.
[<NoEquality; NoComparison>]
type Exhaustive = internal {
    Task: Task
    Inputs: Inputs
    Logits: Tokens -> Tensor
    Threads: int
    /// The number of the class that is listed; none for any.
    Listed: int option
    /// Looks at the next inputs.
    Next: ExhaustiveState -> ExhaustiveState
}

/// What a model does on every input that there is. Sums are in float64 and in the order of the inputs, so that neither threads nor pauses nor
/// machines show in a result.
module Exhaustive =

    /// No task with more inputs than this is looked at.
    let mostInputs = 1L <<< 31

    /// Failures that can be listed, of however many there are.
    let mostFailures = 1_000_000

    // Right tokens ahead by less, either way, are computed again: the errors of float32 are a hundredth of it at the study's sizes.
    let private single = 1e-4f

    // What is left of errors in float64, of logits of some tens, is a thousandth of it.
    let private double = 1e-10

    // Some hundredths of a second on one core, for models of the study's size.
    let private chunk = 1 <<< 14

    /// The inputs of a task, where they can be looked at. Raises `RefusedException` where they cannot be listed or are more than 2^31.
    let inputs (task: Task) : Inputs =
        match task.Inputs with
        | None ->
            Refused.because
                $"The task \"{Quote.line task.Name}\" has no list of its inputs, expected one whose inputs can be numbered, for example \"{TaskForm.study}\"."
        | Some inputs when inputs.Count > uint64 mostInputs ->
            Refused.because
                $"The task \"{Quote.line task.Name}\" has {inputs.Count} inputs, expected at most {mostInputs} to look at every one."
        | Some inputs -> inputs

    /// The number of the class of blocks without a letter twice.
    let private distinct (task: Task) (inputs: Inputs) : int option =
        Tasks.repetition task
        |> Option.filter (fun r -> r.Letters >= r.BlockLength)
        |> Option.map (fun r -> inputs.Classes.Of [| 0 .. r.BlockLength - 1 |])

    /// The class whose failures are listed unless another is asked for: of patterns without a letter twice, or any where there are none such.
    let usual (task: Task) : string option =
        let inputs = inputs task
        distinct task inputs |> Option.map (fun number -> inputs.Classes.Names.Value[number])

    let private classNumber (inputs: Inputs) (name: string) =
        match Array.tryFindIndex ((=) name) inputs.Classes.Names.Value with
        | Some number -> number
        | None ->
            let names = inputs.Classes.Names.Value

            Refused.because
                $"There is no {inputs.Classes.Kind} \"{Quote.line name}\", expected one such as \"{names[0]}\" or \"{Array.last names}\"."

    /// Whether each row of the logits, which is about the next place, is of one of some places.
    let private rowsOf (task: Task) (places: int list) =
        Array.init (task.Length - 1) (fun row -> List.contains (row + 1) places)

    /// What decides over an input: predictions behind its prompt, or all that count where it has none.
    let internal judged (task: Task) =
        match task.Prompts with
        | Some prompts -> [ prompts.Length .. task.Length - 1 ]
        | None -> task.Counted

    let private failed (totals: ClassTotals) = totals.Count - totals.Exact

    let private none = { Count = 0L; Exact = 0L; Weight = 0.0; Loss = 0.0 }

    /// Before the first input.
    let start (exhaustive: Exhaustive) : ExhaustiveState = {
        Done = 0L
        Losses = List.replicate (exhaustive.Task.Length - 1) 0.0
        Right = 0.0
        Classes = List.replicate exhaustive.Inputs.Classes.Names.Value.Length none
        Undecided = 0L
        LeastMargin = infinity
        Failures = []
    }

    /// A computation for the many, in float32, of the cross-entropies of a text's tokens but the first [pos-1], the logits [pos-1, vocab], and
    /// these tokens [pos-1]; how many tokens there are; and the same logits for the few, in float64.
    let private engines threads (task: Task) (logits: Tokens -> Tensor) =
        let text = Tokens(Trace.node (Sequences(None, threads)) [ task.Length ] true false)
        let (Tokens targets) = Tokens.slice 1 (task.Length - 1) text
        let logits = logits (Tokens.slice 0 (task.Length - 1) text)
        let own = Normalisation.crossEntropy logits targets
        // Of logits that are the same for every text each has a copy.
        let each = if logits.Batched then logits else Trace.spread logits
        Plan([ own; each; targets ], [], threads, Int32.MaxValue), logits.Shape[1], DoublePrecision.compile [ logits ]

    /// The same with so many inputs a stretch, a multiple of sixteen: how many does not show in a result.
    let internal compileWith
        (stretch: int)
        threads
        (task: Task)
        (listed: FailureList)
        (logits: Tokens -> Tensor)
        : Exhaustive =
        let inputs = inputs task
        let listedClass = listed.Of |> Option.map (classNumber inputs)
        let plan, width, again = engines threads task logits
        let rows = task.Length - 1
        let counted = rowsOf task task.Counted
        let judged = rowsOf task (judged task)
        let classOf = inputs.Classes.Of
        let lanes = Ordering.lanes

        let classes: int[] = Array.zeroCreate stretch
        let weights: float[] = Array.zeroCreate stretch
        let losses: float[] = Array.zeroCreate stretch
        let right: float32[] = Array.zeroCreate stretch
        let leads: float32[] = Array.zeroCreate stretch
        let sums: float[] = Array.zeroCreate (stretch / lanes * rows)

        let isListed own = listedClass.IsNone || listedClass = Some own

        let load first count shard (operand: Operand) =
            let places = Array.zeroCreate task.Length

            for lane in 0 .. lanes - 1 do
                let number = shard * lanes + lane

                if number < count then
                    inputs.Write (first + uint64 number) places
                    classes[number] <- classOf places

                    weights[number] <-
                        match inputs.Probability with
                        | None -> 1.0
                        | Some probability -> probability places
                else
                    // The last one again, which counts nothing.
                    weights[number] <- 0.0

                for position in 0 .. places.Length - 1 do
                    operand.Buffer[operand.Offset + position * lanes + lane] <- float32 places[position]

        let collect shard (outputs: Operand[]) =
            let first = shard * lanes

            SequenceTotals.OfRows(
                outputs[0].ReadOnly,
                ReadOnlySpan(weights, first, lanes),
                Span(sums, shard * rows, rows),
                rows
            )

            SequenceTotals.OfLanes(
                outputs[0].ReadOnly,
                outputs[1].ReadOnly,
                outputs[2].ReadOnly,
                width,
                counted,
                judged,
                Span(losses, first, lanes),
                Span(right, first, lanes),
                Span(leads, first, lanes)
            )

        /// How far each token of an input but the first is ahead of the likeliest other one: [pos-1].
        let leadsOf (input: int[]) =
            let logits = input |> Array.map float |> again |> List.head

            Array.init rows (fun row ->
                let own = input[row + 1]
                let mutable best = -infinity

                for token in 0 .. width - 1 do
                    if token <> own then
                        best <- Math.Max(best, logits[row * width + token])

                logits[row * width + own] - best)

        /// The least lead over the places that decide, of some inputs: from their numbers beyond the first.
        let decided first (unsure: int[]) : float[] =
            let found = Array.zeroCreate unsure.Length

            Workers.share threads unsure.Length (fun place ->
                let leads = leadsOf (inputs.Nth(first + uint64 unsure[place]))

                found[place] <-
                    Array.fold2
                        (fun (least: float) isJudged lead -> if isJudged then Math.Min(least, lead) else least)
                        infinity
                        judged
                        leads)

            found

        let next (state: ExhaustiveState) =
            let first = uint64 state.Done
            let count = int (min (uint64 stretch) (inputs.Count - first))
            plan.Run(count, load first count, collect)

            let unsure = [|
                for number in 0 .. count - 1 do
                    if abs leads[number] < single then
                        number
            |]

            let again = decided first unsure
            let positions = List.toArray state.Losses

            for shard in 0 .. (count - 1) / lanes do
                for row in 0 .. rows - 1 do
                    positions[row] <- positions[row] + sums[shard * rows + row]

            let totals = List.toArray state.Classes
            let counts = totals |> Array.map _.Count
            let exact = totals |> Array.map _.Exact
            let weight = totals |> Array.map _.Weight
            let loss = totals |> Array.map _.Loss
            let mutable allRight = state.Right
            let mutable undecided = state.Undecided
            let mutable leastMargin = state.LeastMargin
            let mutable failures = state.Failures

            let mutable room =
                let before =
                    state.Classes |> List.indexed |> List.filter (fst >> isListed) |> List.sumBy (snd >> failed)

                int (max 0L (int64 listed.Most - before))

            let mutable asked = 0

            for number in 0 .. count - 1 do
                let mutable lead = float leads[number]

                if abs leads[number] < single then
                    lead <- again[asked]
                    asked <- asked + 1

                    // What is exactly equal was made to be, which is no completion.
                    if abs lead < double && lead <> 0.0 then
                        undecided <- undecided + 1L
                        lead <- nan

                if abs lead < leastMargin then
                    leastMargin <- abs lead

                let own = classes[number]
                counts[own] <- counts[own] + 1L
                weight[own] <- weight[own] + weights[number]
                loss[own] <- loss[own] + weights[number] * losses[number]
                allRight <- allRight + weights[number] * float right[number]

                if lead > 0.0 then
                    exact[own] <- exact[own] + 1L
                elif room > 0 && isListed own then
                    failures <- int64 first + int64 number :: failures
                    room <- room - 1

            {
                Done = state.Done + int64 count
                Losses = List.ofArray positions
                Right = allRight
                Classes =
                    List.init totals.Length (fun own -> {
                        Count = counts[own]
                        Exact = exact[own]
                        Weight = weight[own]
                        Loss = loss[own]
                    })
                Undecided = undecided
                LeastMargin = leastMargin
                Failures = failures
            }

        {
            Task = task
            Inputs = inputs
            Logits = logits
            Threads = threads
            Listed = listedClass
            Next = next
        }

    /// An evaluation of logits, a function from a text to [pos, vocab], on all inputs of a task: traced once. Raises `RefusedException` where the
    /// inputs cannot be listed or are more than 2^31, and for a class that the task does not have.
    let compile (threads: int) (task: Task) (listed: FailureList) (logits: Tokens -> Tensor) : Exhaustive =
        compileWith chunk threads task listed logits

    /// The same of a model under interventions. Resampling takes the first sequence of its own seed for every input.
    let ofModel
        threads
        (task: Task)
        (listed: FailureList)
        (model: Model<Tensor>)
        (interventions: Intervention list)
        : Exhaustive =
        // What single precision cannot decide is computed from the weights on.
        Model.map DoublePrecision.unrounded model
        |> fun model -> compile threads task listed (Intervened.logits threads task model interventions)

    /// How many inputs there are.
    let count (exhaustive: Exhaustive) : int64 = int64 exhaustive.Inputs.Count

    /// Whether all inputs were looked at.
    let isDone (exhaustive: Exhaustive) (state: ExhaustiveState) : bool = uint64 state.Done >= exhaustive.Inputs.Count

    /// The next stretch of inputs looked at; nothing where there are none left.
    let advance (exhaustive: Exhaustive) (state: ExhaustiveState) : ExhaustiveState =
        if isDone exhaustive state then state else exhaustive.Next state

    /// Input number i by its tokens, from 0.
    let input (exhaustive: Exhaustive) (number: int64) : Tokens = Tokens.ofArray (exhaustive.Inputs.Nth(uint64 number))

    /// What is true of the inputs looked at so far, one at least.
    let results (exhaustive: Exhaustive) (state: ExhaustiveState) : ExactEvaluation =
        let { Task = task; Inputs = inputs } = exhaustive
        let weight = state.Classes |> List.sumBy _.Weight
        let perPosition = state.Losses |> List.map (fun sum -> sum / weight)
        let counted = float task.Counted.Length

        let prompts chosen =
            let chosen = state.Classes |> List.indexed |> List.filter (fst >> chosen) |> List.map snd
            { Count = chosen |> List.sumBy _.Count; Exact = chosen |> List.sumBy _.Exact }: ExactPrompts

        let whole = prompts (fun _ -> true)

        let asked =
            match exhaustive.Listed with
            | None -> whole
            | Some listed -> prompts ((=) listed)

        {
            Patterns = state.Done
            All = int64 inputs.Count
            Loss = Task.mean task perPosition
            Accuracy = state.Right / (weight * counted)
            PerPositionLoss = perPosition
            Whole = whole
            ByBlock =
                Tasks.repetition task
                |> Option.map (fun _ ->
                    let isDistinct = distinct task inputs |> Option.map (=) |> Option.defaultValue (fun _ -> false)
                    struct (prompts isDistinct, prompts (isDistinct >> not)))
            Kind = inputs.Classes.Kind
            Classes =
                List.zip (List.ofArray inputs.Classes.Names.Value) state.Classes
                |> List.filter (fun (_, totals) -> totals.Count > 0L)
                |> List.map (fun (name, totals) -> {
                    Name = name
                    Count = totals.Count
                    Exact = totals.Exact
                    Loss = totals.Loss / (totals.Weight * counted)
                })
            Undecided = state.Undecided
            LeastMargin = if Double.IsFinite state.LeastMargin then Some state.LeastMargin else None
            Failed = asked.Count - asked.Exact
            Failures = List.rev state.Failures
        }
