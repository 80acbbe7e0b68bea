/// Floors of tasks, against every sequence where these are few, and against predictors.
module Interp.Properties.FloorLaws

open Expecto
open Interp
open Interp.Properties.Laws

let private task text = Tasks.parse text |> Result.defaultWith failtest

/// Entropies are sums of up to 10,000 terms p log p in float64.
let private sums = 1e-9

let private isExact (form: TaskForm) =
    match form with
    | TaskForm.Periods _
    | TaskForm.Induction _
    | TaskForm.Markov _ -> false
    | _ -> true

/// Bayes' predictor of a task whose floor is simulated.
let private losses (form: TaskForm) : int[] -> float[] -> unit =
    match form with
    | TaskForm.Periods(shortest, longest, _, letters) -> Repeat.periodLosses shortest longest letters
    | TaskForm.Induction(length, letters) -> Induction.losses length letters
    | TaskForm.Markov(_, letters) -> Markov.chainLosses letters
    | _ -> failwith "no estimate"

let private simulated (form: TaskForm) =
    match form with
    | TaskForm.Periods(shortest, longest, length, letters) -> Repeat.periodFloor shortest longest length letters
    | TaskForm.Induction(length, letters) -> Induction.floor length letters
    | TaskForm.Markov(length, letters) -> Markov.chainFloor length letters
    | _ -> failwith "no estimate"

let private small = [
    "repeat 3 x2 of 3"
    "recall 1 of 3"
    "recall 2 of 3"
    "copy 3 of 3"
    "reverse 2 of 4"
    "sort 3 of 3"
    "add 5"
    "max 4 of 4"
    "max 1 of 2"
    "brackets 1 length 10"
    "brackets 2 length 8"
    "nonsense length 4 of 3"
    "bigram-noise length 6 of 3 seed 4"
]

let private smallSimulated = [
    "repeat 1..3 length 8 of 2"
    "repeat 2..4 length 6 of 3"
    "induction length 8 of 2"
    "induction length 6 of 3"
    "markov length 6 of 3"
    "markov length 9 of 2"
]

let private bruteForce =
    testList "brute force" [
        for text in small do
            test $"the floor of {text} is the entropy of its tokens" {
                let floor = (task text).Floor.Value.Value
                let expected = PlainTasks.entropies (PlainTasks.distribution (TaskForm.ofName text))
                close sums "each token" (Array.ofList floor.PerPosition) (Array.ofList expected)
                Expect.equal floor.StandardError 0.0 "exact"

                within
                    sums
                    10.0
                    "the mean over what counts"
                    (Task.floor (task text)).Value
                    (Task.mean (task text) expected)
            }

        for text in smallSimulated do
            test $"the best predictor of {text} is Bayes'" {
                let form = TaskForm.ofName text
                let losses = losses form
                let all = PlainTasks.distribution form |> List.filter (fun (_, p) -> p > 0.0)
                within sums 1.0 "all sequences" (List.sumBy snd all) 1.0
                let length = (task text).Length
                let known = List.init length (fun i -> PlainTasks.beginnings all (i + 1))
                let found = Array.zeroCreate (length - 1)

                for sequence, _ in all do
                    losses sequence found

                    let expected =
                        Array.init (length - 1) (fun i ->
                            let share length = known[length - 1][List.ofArray sequence[.. length - 1]]
                            log (share (i + 1) / share (i + 2)))

                    close sums $"{List.ofArray sequence}" found expected
            }

            test $"the floor of {text} is its entropy, within its standard error" {
                let floor = (task text).Floor.Value.Value
                let expected = PlainTasks.entropies (PlainTasks.distribution (TaskForm.ofName text))
                Expect.isGreaterThan floor.StandardError 0.0 "an estimate"
                Expect.isLessThan floor.StandardError 0.01 "a good one"

                within
                    Tolerances.standardErrors
                    floor.StandardError
                    "the mean"
                    (Task.mean (task text) floor.PerPosition)
                    (List.average expected)
            }
    ]

let private estimates =
    testList "estimates" [
        for text in [ "repeat 3..8 length 24 of 26"; "induction length 64 of 26"; "markov length 64 of 4" ] do
            law 2 $"the floor of {text} is that of other sequences, within the standard errors of both" (fun key ->
                let floor = (task text).Floor.Value.Value
                let other = simulated (TaskForm.ofName text) key 2000
                let error = sqrt (floor.StandardError ** 2.0 + other.StandardError ** 2.0)

                within
                    Tolerances.freshErrors
                    error
                    "the mean"
                    (List.average floor.PerPosition)
                    (List.average other.PerPosition))

        test "floors take well under a second" {
            for text in
                [
                    "repeat 3..8 length 24 of 26"
                    "repeat 2..200 length 1000 of 26"
                    "induction length 64 of 26"
                    "induction length 400 of 26"
                    "induction length 128 of 2"
                    "markov length 64 of 4"
                    "markov length 500 of 4"
                    "brackets 2 length 4096"
                    "bigram-noise length 4096 of 300"
                ] do
                let started = System.Diagnostics.Stopwatch.StartNew()
                (task text).Floor.Value |> ignore
                Expect.isLessThan started.Elapsed.TotalSeconds 5.0 $"{text}, five times what it takes on a busy machine"
        }

        test "docs/tasks.md has each task with its numbers, and what is said of it" {
            let path = System.IO.Path.Combine(__SOURCE_DIRECTORY__, "..", "..", "docs", "tasks.md")
            let lines = System.IO.File.ReadAllLines path
            let culture = System.Globalization.CultureInfo.InvariantCulture
            let decimals (x: float) = x.ToString("F3", culture)

            for kind in Tasks.all do
                Expect.exists
                    lines
                    (fun line -> line.Contains $"`{kind.Example}`" && not (line.StartsWith '|'))
                    "the definition"

                match kind.Example with
                | TaskForm.Text _ -> ()
                | form ->
                    let task = Tasks.ofForm form
                    let floor = task.Floor.Value.Value
                    let error = if floor.StandardError = 0.0 then "" else $" ± {decimals floor.StandardError}"

                    let prompt =
                        task.Prompts |> Option.map (fun prompts -> string prompts.Length) |> Option.defaultValue ""

                    let inputs = task.Inputs |> Option.map _.Count.ToString("N0", culture) |> Option.defaultValue ""

                    Expect.contains
                        lines
                        $"| `{form}` | {task.Length} | {task.Tokens.Size} | {task.Counted.Length} | {decimals (Task.mean task floor.PerPosition)}{error} | {prompt} | {inputs} |"
                        "its row"
        }

        test "a task whose floor would take too long has none" {
            for text in [ "induction length 4000 of 26"; "markov length 4096 of 4" ] do
                Expect.isNone (task text).Floor.Value text
        }
    ]

/// Mean losses of a predictor, which sees what came and says how likely each letter is, over sequences of a task.
let private meanLoss (task: Task) key count (predict: int[] -> float[]) =
    [
        for i in 0 .. count - 1 do
            let sequence = Tokens.toArray (Task.sequence task key i)

            for place in task.Counted do
                let shares = predict sequence[.. place - 1]
                -(log shares[sequence[place]])
    ]
    |> List.average

let private certain size token = Array.init size (fun i -> if i = token then 1.0 else 0.0)

/// A model of one layer and two heads that knows a repetition's period: from the last letter of the first block on the first head looks at the
/// letter that is due, before that at all letters alike, as the second head always does, whose letters are taken away again. What is left
/// before a block is over is nothing, and then the letter that is due, unless all letters are the same.
let private looksBack (r: Repetition) : Model<Tensor> =
    let letters, positions = r.Letters, r.Length
    let width, back = max letters positions, r.BlockLength - 1
    let model = 2 * letters + positions

    let ofHeads rows columns entry = Tensor.init [ 2; rows; columns ] (fun index -> entry index[0] index[1] index[2])
    // Scores of 100.
    let sharp = sqrt (100.0 * sqrt (float width))

    {
        Positions = Positions.Standard
        W_E = Tensor.init [ letters; model ] (fun index -> if index[0] = index[1] then 1.0 else 0.0)
        W_pos = Some(Tensor.init [ positions; model ] (fun index -> if index[1] = letters + index[0] then 1.0 else 0.0))
        Blocks = [
            {
                W_Q =
                    ofHeads model width (fun head row column ->
                        if head = 0 && column >= back && row = letters + column && column < positions then
                            sharp
                        else
                            0.0)
                W_K =
                    ofHeads model width (fun head row column ->
                        if
                            head = 0 && row >= letters && row < letters + positions && column = row - letters + back
                        then
                            sharp
                        else
                            0.0)
                W_V = ofHeads model width (fun _ row column -> if row = column && row < letters then 1.0 else 0.0)
                W_O =
                    ofHeads width model (fun head row column ->
                        if column = letters + positions + row && row < letters then
                            (if head = 0 then 1.0 else -1.0)
                        else
                            0.0)
                Smear = None
                SmearQueries = None
            }
        ]
        // Of what came at least one letter in two blocks is another than the one that is due, which leaves 50 nats.
        W_U =
            Tensor.init [ model; letters ] (fun index ->
                if index[0] = letters + positions + index[1] then
                    100.0 * float r.BlockLength
                else
                    0.0)
    }

let private predictors =
    testList "predictors" [
        law 20 "one that looks a block back reaches the floor of a repetition, and nothing is below" (fun key ->
            let letters, block = integer 2 26 1 key, integer 1 8 2 key
            let task = Tasks.ofForm (TaskForm.Repeat { Letters = letters; BlockLength = block; Blocks = 3 })

            let predict (before: int[]) =
                if before.Length < block then
                    Array.create letters (1.0 / float letters)
                else
                    certain letters before[before.Length - block]

            within sums 10.0 "its loss" (meanLoss task key 50 predict) (Task.floor task).Value)

        law 10 "a model built by hand reaches the floor of a repetition" (fun key ->
            let r = { Letters = integer 2 9 1 key; BlockLength = integer 2 5 2 key; Blocks = integer 2 4 3 key }
            let task = Tasks.ofForm (TaskForm.Repeat r)
            let model = looksBack r

            for i in 0..20 do
                let sequence = Task.sequence task key i

                if (Array.distinct (sequence.ToArray())).Length > 1 then
                    let loss = float (Tensor.item [] (Loss.ofSequence task model sequence))
                    within Tolerances.model (log 9.0) "its loss" loss (Task.floor task).Value)

        law 3 "one that counts pairs, each letter once more, reaches the floor of a chain" (fun key ->
            let task = task "markov length 40 of 3"
            let floor = task.Floor.Value.Value

            let predict (before: int[]) =
                let after = before |> Array.pairwise |> Array.filter (fst >> (=) (Array.last before)) |> Array.map snd
                let count letter = after |> Array.filter ((=) letter) |> Array.length |> float
                Array.init 3 (fun letter -> (count letter + 1.0) / (float after.Length + 3.0))

            // A sequence's mean differs from another's by a tenth of a nat or so.
            let losses = List.init 500 (fun i -> meanLoss task (Key.split (uint64 i) key) 1 predict)
            let mean = List.average losses
            let variance = losses |> List.averageBy (fun x -> (x - mean) ** 2.0)
            let error = sqrt (variance / 500.0 + floor.StandardError ** 2.0)
            within Tolerances.freshErrors error "its loss" mean (List.average floor.PerPosition))
    ]

/// A model trained for some steps on a task that fits it, and its mean loss over held-out sequences with the standard error of that.
let private trained (form: TaskForm) steps seed =
    let c =
        { Configuration.study with Batch = 64; LearningRate = 3e-3; Seed = seed }
        |> Field.set [ Field.Task, Word(string form) ]

    let task = Tasks.ofForm form

    let state =
        (Training.advance (Training.compile 2 (Recipe.objective c task)) steps (Recipe.start c)).State

    let losses =
        Sequences.heldOut task { Sequences = 2000; Seed = seed }
        |> List.map (fun sequence -> float (Tensor.item [] (Loss.ofSequence task state.Weights sequence)))

    let mean = List.average losses
    mean, sqrt ((losses |> List.averageBy (fun x -> (x - mean) ** 2.0)) / float losses.Length)

let private training =
    testList "training" [
        law 2 "no training makes a model better than the floor of nonsense" (fun key ->
            let form = TaskForm.Nonsense(8, integer 3 12 1 key)
            let floor = (Task.floor (Tasks.ofForm form)).Value
            let loss, error = trained form 300 (uint64 (integer 0 1000000 2 key))
            Expect.isGreaterThan loss (floor - Tolerances.freshErrors * error) "the floor"
            // It has learned that there is nothing to learn.
            Expect.isLessThan loss (floor + Tolerances.nearlyTheFloor + Tolerances.freshErrors * error) "its loss")

        law 2 "a table of bigrams is learned nearly to its floor, and not beyond" (fun key ->
            let form = TaskForm.BigramNoise(8, 6, uint64 (integer 0 1000 1 key))
            let floor = (Task.floor (Tasks.ofForm form)).Value
            let loss, error = trained form 300 (uint64 (integer 0 1000000 2 key))
            Expect.isGreaterThan loss (floor - Tolerances.freshErrors * error) "the floor"
            Expect.isLessThan loss (floor + Tolerances.nearlyTheFloor + Tolerances.freshErrors * error) "its loss"
            Expect.isGreaterThan (log 6.0 - loss) (0.5 * (log 6.0 - floor)) "more than nothing was learned")

        test "where little counts, that is learned" {
            let loss, _ = trained (TaskForm.Max(2, 4)) 600 1UL
            Expect.isLessThan loss (0.5 * log 4.0) "the largest of two numbers"
        }
    ]

[<Tests>]
let tests = testList "Floors" [ bruteForce; estimates; predictors; training ]
