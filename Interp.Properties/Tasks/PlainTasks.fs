/// The built-in tasks said a second time, without regard to speed: what is a sequence of a task, and how likely it is.
module Interp.Properties.PlainTasks

open Interp
open Interp.Properties.Laws

let private inAlphabet letters (x: int[]) = x |> Array.forall (fun token -> token >= 0 && token < letters)

/// A letter from which on it is what it was `lag` before.
let private repeats (x: int[]) lag first last = Seq.forall (fun i -> x[i] = x[i - lag]) (seq { first .. last - 1 })

/// The stretches of an induction sequence of so many tokens: letters, where it begins, where it returns, how likely that is.
let stretches length = [
    for stretch in 2 .. length / 2 do
        for one in 0 .. length - 2 * stretch do
            for other in 0 .. length - 2 * stretch do
                let left = float (length - 2 * stretch + 1)
                stretch, min one other, max one other + stretch, 1.0 / (float (length / 2 - 1) * left * left)
]

let private rewritten count letters (rule: int list -> int list) (x: int[]) =
    let before, behind = List.ofArray x[.. count - 1], List.ofArray x[count + 1 ..]
    inAlphabet letters x[.. count - 1] && x[count] = letters && behind = rule before

let rec private balanced kinds (openOnes: int list) (x: int list) =
    match x, openOnes with
    | [], [] -> true
    | bracket :: rest, _ when bracket >= 0 && bracket < kinds -> balanced kinds (bracket :: openOnes) rest
    | bracket :: rest, last :: others when bracket = last + kinds -> balanced kinds others rest
    | _ -> false

/// Whether tokens are a sequence of a task.
let rec belongs (form: TaskForm) (x: int[]) : bool =
    let size = TaskForm.size form

    size |> Option.forall (fun size -> size.Length = int64 x.Length && inAlphabet size.Letters x)
    && match form with
       | TaskForm.Repeat r -> repeats x r.BlockLength r.BlockLength x.Length
       | TaskForm.Periods(shortest, longest, _, _) ->
           Seq.exists (fun period -> repeats x period period x.Length) (seq { shortest..longest })
       | TaskForm.Induction(length, _) ->
           stretches length
           |> List.exists (fun (stretch, start, back, _) -> repeats x (back - start) back (back + stretch))
       | TaskForm.Recall(pairs, keys) ->
           let asked = Array.last (Array.take (2 * pairs + 1) x)

           let known =
               x |> Array.take (2 * pairs) |> Array.chunkBySize 2 |> Array.map (fun pair -> pair[0], pair[1])

           inAlphabet keys (Array.map fst known)
           && known |> Array.forall (fun (_, value) -> value >= keys)
           && (Array.distinctBy fst known).Length = pairs
           && known |> Array.contains (asked, Array.last x)
       | TaskForm.Copy(count, letters) -> rewritten count letters id x
       | TaskForm.Reverse(count, letters) -> rewritten count letters List.rev x
       | TaskForm.Sort(count, letters) -> rewritten count letters List.sort x
       | TaskForm.Add modulus ->
           x[0] < modulus
           && x[1] < modulus
           && x[2] = modulus
           && (x[0] + x[1] - x[3]) % modulus = 0
           && x[3] < modulus
       | TaskForm.Max(count, _) -> x[count] = Seq.max (Seq.take count x)
       | TaskForm.Brackets(kinds, _) -> balanced kinds [] (List.ofArray x)
       | TaskForm.Split(whole, _, _) -> belongs whole x
       | TaskForm.Markov _
       | TaskForm.Nonsense _
       | TaskForm.BigramNoise _ -> true
       | TaskForm.Text _
       | TaskForm.Own _ -> failwith "no built-in task"

/// The places of the tokens whose prediction counts.
let rec counted (form: TaskForm) : int list =
    match form with
    | TaskForm.Recall(pairs, _) -> [ 2 * pairs + 1 ]
    | TaskForm.Copy(count, _)
    | TaskForm.Reverse(count, _)
    | TaskForm.Sort(count, _) -> [ count + 1 .. 2 * count ]
    | TaskForm.Add _ -> [ 3 ]
    | TaskForm.Max(count, _) -> [ count ]
    | TaskForm.Split(whole, _, _) -> counted whole
    | _ -> [ 1 .. int (TaskForm.size form).Value.Length - 1 ]

/// n!
let private factorial n = Seq.fold (fun product i -> product * float i) 1.0 (seq { 1..n })

/// How likely a sequence is among those of a task that are not all equally likely; none where they are.
let likelihood (form: TaskForm) : (int[] -> float) option =
    match form with
    | TaskForm.Periods(shortest, longest, _, letters) ->
        Some(fun x ->
            seq { shortest..longest }
            |> Seq.averageBy (fun period ->
                if repeats x period period x.Length then
                    float letters ** -(float (min period x.Length))
                else
                    0.0))
    | TaskForm.Induction(length, letters) ->
        let stretches = stretches length

        Some(fun x ->
            stretches
            |> List.sumBy (fun (stretch, start, back, chance) ->
                if repeats x (back - start) back (back + stretch) then
                    chance * float letters ** -(float (length - stretch))
                else
                    0.0))
    | TaskForm.Markov(_, letters) ->
        // Each row's integral over the simplex: (V-1)! times the factorials of its counts over (V-1+n)!.
        Some(fun x ->
            let pairs = Array.pairwise x

            (1.0 / float letters, [ 0 .. letters - 1 ])
            ||> List.fold (fun product before ->
                let after = pairs |> Array.filter (fst >> (=) before) |> Array.countBy snd |> Array.map snd

                product
                * factorial (letters - 1)
                * (after |> Array.fold (fun product n -> product * factorial n) 1.0)
                / factorial (letters - 1 + Array.sum after)))
    | TaskForm.BigramNoise(_, letters, seed) ->
        let rows = Markov.probabilities (Markov.table letters seed)

        Some(fun x ->
            (1.0 / float letters, Array.pairwise x)
            ||> Array.fold (fun product (before, after) -> product * rows[before][after]))
    | _ -> None

/// Every array of so many tokens of an alphabet.
let rec private everyArray letters length : int list list =
    if length = 0 then
        [ [] ]
    else
        [
            for rest in everyArray letters (length - 1) do
                for letter in 0 .. letters - 1 do
                    letter :: rest
        ]

/// Every sequence of a task, with how likely it is.
let distribution (form: TaskForm) : (int[] * float) list =
    let size = (TaskForm.size form).Value

    let all =
        everyArray size.Letters (int size.Length) |> List.map Array.ofList |> List.filter (belongs form)

    match likelihood form with
    | Some likelihood -> all |> List.map (fun x -> x, likelihood x)
    | None -> all |> List.map (fun x -> x, 1.0 / float all.Length)

/// How likely each beginning is.
let beginnings (all: (int[] * float) list) length : Map<int list, float> =
    all
    |> List.groupBy (fun (x, _) -> List.ofArray x[.. length - 1])
    |> List.map (fun (beginning, those) -> beginning, List.sumBy snd those)
    |> Map.ofList

/// The entropy of each token but the first given those before it, in nats.
let entropies (all: (int[] * float) list) : float list =
    let entropy length =
        beginnings all length |> Map.toSeq |> Seq.sumBy (fun (_, p) -> if p > 0.0 then -p * log p else 0.0)

    List.init (fst all.Head).Length (fun i -> entropy (i + 1))
    |> List.pairwise
    |> List.map (fun (before, after) -> after - before)

/// A task of each kind, of sizes up to `most`.
let forms most key : TaskForm list =
    let size low use' = integer low (low + most) use' key
    let letters = size 2 1

    let periods =
        let shortest = size 1 2
        let longest = shortest + integer 0 most 3 key
        shortest, longest, longest + size 1 4, letters

    [
        TaskForm.Repeat { BlockLength = size 1 5; Blocks = size 2 6; Letters = letters }
        TaskForm.Periods periods
        TaskForm.Induction(size 4 7, letters)
        (let pairs = size 1 8 in TaskForm.Recall(pairs, max 2 (pairs + integer 0 most 9 key)))
        TaskForm.Markov(size 2 10, letters)
        TaskForm.Copy(size 1 11, letters)
        TaskForm.Reverse(size 1 12, letters)
        TaskForm.Sort(size 1 13, letters)
        TaskForm.Add(size 2 14)
        TaskForm.Max(size 1 15, letters)
        TaskForm.Brackets(size 1 16, 2 * size 1 17)
        TaskForm.Nonsense(size 2 18, letters)
        TaskForm.BigramNoise(size 2 19, letters, uint64 (size 0 20))
        TaskForm.Split(TaskForm.Max(1, letters), integer 1 99 21 key, uint64 (size 0 22))
    ]
