namespace Interp

/// An input that is not completed, and where it first goes wrong.
[<StructuredFormatDisplay("{Display}")>]
type Failure = {
    /// The input.
    Input: Tokens
    /// The first place, from 0, of a token that counts for it and is not the likeliest one.
    Place: int
    /// The token that stands there.
    Right: int
    /// The likeliest other one.
    Written: int
    /// How far the right one is behind, as logits in single precision.
    Behind: float
} with

    member internal this.Display =
        Display.line $"{this.Input.Shown}: wrong first at place {this.Place}, by {Display.number this.Behind}"


/// A trait, and how often inputs have it.
type SharedTrait = {
    /// The trait in words, of many: "go wrong first at place 14".
    Words: string
    /// Share of the failures that have it.
    Share: float
    /// Share of all inputs of their class, counted on an even choice of them; none for a trait that only failures have.
    Usual: float option
}

/// What inputs that are not completed look like.
module Failures =

    /// Traits are counted on this many of the first failures at most.
    let mostCompared = 10_000

    // An even choice of so many inputs tells shares to half a per cent.
    let private mostUsual = 40_000UL

    let private first (judged: int list) (input: int[]) (width: int) (logits: int -> float32) : Failure =
        let at place =
            let row = (place - 1) * width
            let right = input[place]
            let mutable written = if right = 0 && width > 1 then 1 else 0

            for token in written + 1 .. width - 1 do
                if token <> right && logits (row + token) > logits (row + written) then
                    written <- token

            {
                Input = Tokens.ofArray input
                Place = place
                Right = right
                Written = written
                Behind = float (logits (row + written)) - float (logits (row + right))
            }

        judged
        |> List.tryPick (fun place -> let found = at place in if found.Behind >= 0.0 then Some found else None)
        // Where single precision sees none, double precision saw the nearest.
        |> Option.defaultWith (fun () -> judged |> List.map at |> List.maxBy _.Behind)

    /// Inputs that are not completed, looked at again, by their numbers: all of them stand in memory at once.
    let look (exhaustive: Exhaustive) (numbers: int64 list) : Failure list =
        let task = exhaustive.Task
        let judged = Exhaustive.judged task
        let compiled = Batch.compile exhaustive.Threads (task.Length - 1) exhaustive.Logits
        let inputs = numbers |> List.map (uint64 >> exhaustive.Inputs.Nth) |> List.toArray
        let found: Failure[] = Array.zeroCreate inputs.Length
        let rows = inputs |> Array.map (fun input -> Array.map float32 input[.. task.Length - 2])

        if rows.Length > 0 then
            compiled.Run rows (fun row logits -> found[row] <- first judged inputs[row] compiled.Shape[1] logits)

        compiled.Release()
        List.ofArray found

    /// Numbers below a count, spread evenly over it: all, or the multiples of the golden ratio, which keep step with no alphabet.
    let private evenly (count: uint64) : uint64[] =
        if count <= mostUsual then
            Array.init (int count) uint64
        else
            let golden = (sqrt 5.0 - 1.0) / 2.0

            Array.init (int mostUsual) (fun i ->
                let turns = golden * float i in uint64 ((turns - floor turns) * float count))

    /// Of all inputs that are not completed, as many as are compared, spread evenly over them; none where not all are listed, as the first ones are
    /// alike by their place among all inputs.
    let comparable (results: ExactEvaluation) : int64 list option =
        let listed = List.toArray results.Failures

        if int64 listed.Length < results.Failed then
            None
        elif listed.Length <= mostCompared then
            Some results.Failures
        else
            Some [
                for i in 0 .. mostCompared - 1 -> listed[int (int64 i * int64 listed.Length / int64 mostCompared)]
            ]

    /// The commonest of what failures have.
    let private commonest (words: 'key -> string) (key: Failure -> 'key) (failures: Failure[]) =
        let found, count = failures |> Array.countBy key |> Array.maxBy snd
        { Words = words found; Share = float count / float failures.Length; Usual = None }

    /// Of keys of which an input has several, that which failures have most beyond what is usual.
    let private beyondUsual words (keys: int[] -> 'key[]) (failures: int[][]) (usual: int[][]) =
        let shares (inputs: int[][]) =
            inputs
            |> Array.collect (keys >> Array.distinct)
            |> Array.countBy id
            |> Array.map (fun (key, count) -> key, float count / float (max 1 inputs.Length))
            |> Map.ofArray

        let usual = shares usual
        let usualOf key = usual.TryFind key |> Option.defaultValue 0.0

        shares failures
        |> Map.toArray
        |> Array.map (fun (key, share) -> { Words = words key; Share = share; Usual = Some(usualOf key) })
        |> Array.sortByDescending (fun found -> found.Share - found.Usual.Value)
        |> Array.tryHead

    /// What the failures have in common, the commonest of each kind: where they go wrong first, what is written there, in place of what, and
    /// which token and which two next to each other they hold more often than is usual in their class. Nothing for no failures.
    let common (exhaustive: Exhaustive) (looked: int64) (failures: Failure list) : SharedTrait list =
        match List.truncate mostCompared failures |> List.toArray with
        | [||] -> []
        | failures ->
            let { Task = task; Inputs = inputs } = exhaustive
            let name token = Vocabulary.name task.Tokens token
            let texts = failures |> Array.map (_.Input >> Tokens.toArray)

            let usual =
                evenly (uint64 looked)
                |> Array.map inputs.Nth
                |> Array.filter (fun input ->
                    match exhaustive.Listed with
                    | Some listed -> inputs.Classes.Of input = listed
                    | None -> true)

            [
                commonest (fun place -> $"go wrong first at place {place}") _.Place failures
                commonest (fun token -> $"have {name token} written there") _.Written failures
                commonest (fun token -> $"should have {name token} there") _.Right failures
                yield! beyondUsual (fun token -> $"hold {name token}") id texts usual |> Option.toList
                yield!
                    beyondUsual (fun (a, b) -> $"hold {name a} with {name b} behind it") Array.pairwise texts usual
                    |> Option.toList
            ]
