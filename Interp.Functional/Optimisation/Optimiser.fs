namespace Interp

open System
open Interp.Kernels

/// What a weight's step is made of.
[<RequireQualifiedAccess>]
type UpdateRule =
    /// Adam with decoupled weight decay (Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019). For a weight w with
    /// gradient g at step n: w <- (1 - rate decay) w; m <- beta1 m + (1 - beta1) g; v <- beta2 v + (1 - beta2) g^2;
    /// w <- w - rate m / (1 - beta1^n) / (sqrt(v / (1 - beta2^n)) + epsilon). A weight without gradient still decays.
    | AdamW of beta1: float * beta2: float * epsilon: float
    /// Gradient descent with momentum, as PyTorch has it: d = g + decay w; b <- momentum b + d; w <- w - rate b, or with Nesterov's
    /// momentum w - rate (d + momentum b). Decay is coupled: it goes through the momentum.
    | SGD of momentum: float * nesterov: bool

/// An update rule by its name alone.
[<RequireQualifiedAccess>]
[<StructuredFormatDisplay("{Display}")>]
type RuleName =
    /// `UpdateRule.AdamW`.
    | AdamW
    /// `UpdateRule.SGD`.
    | SGD

    member internal this.Display = Display.line (this.ToString())

    /// "adamw" or "sgd"
    override this.ToString() =
        match this with
        | AdamW -> "adamw"
        | SGD -> "sgd"

/// Which leaves weight decay shrinks.
[<RequireQualifiedAccess>]
[<StructuredFormatDisplay("{Display}")>]
type Decay =
    /// Every leaf.
    | All
    /// Leaves of rank 2 and more: no biases, no scales.
    | Matrices
    /// The leaves of these names.
    | Only of string list

    member internal this.Display = Display.line (this.ToString())

    /// "all", "matrices", "only W_E and Blocks.0.W_Q", and "none" for no leaf: `Decay.parse` reads it.
    override this.ToString() =
        match this with
        | All -> "all"
        | Matrices -> "matrices"
        | Only [] -> "none"
        | Only names -> $"""only {String.concat " and " names}"""

/// Printed forms of the longest gradient.
module Clip =

    /// "none" or the number: `parse` reads it.
    let show (clip: float option) : string =
        match clip with
        | Some longest -> Numbers.show longest
        | None -> "none"

    /// Reads what `show` prints, or says in half a sentence what was expected.
    let parse (text: string) : Result<float option, string> =
        match text, Numbers.real text with
        | "none", _ -> Ok None
        | _, Some longest when longest > 0.0 -> Ok(Some longest)
        | _ -> Error $"expected a number above 0 or none, for example \"1\", found \"{Quote.text text}\""

/// How weights go from step to step.
[<StructuredFormatDisplay("{Display}")>]
type Optimiser = {
    /// What a weight's step is made of.
    Rule: UpdateRule
    /// The rate of a step is this times the schedule's factor.
    LearningRate: float
    /// The factors, by the step's number.
    Schedule: Schedule
    /// How much of themselves weights lose: see `UpdateRule`.
    WeightDecay: float
    /// Which of them do.
    Decay: Decay
    /// The longest that the gradient of all leaves together may be, in the Euclidean norm; a longer one is scaled.
    Clip: float option
} with

    member internal this.Display = Display.line (this.ToString())

    /// "adamw; learning-rate 0.001; beta1 0.9; beta2 0.999; epsilon 1e-08; weight-decay 1 of all; schedule constant; clip none", or
    /// "sgd; learning-rate 0.1; momentum 0.9; …", with "nesterov" after the momentum: `Optimiser.parse` reads it.
    override this.ToString() =
        let number = Numbers.show

        String.Join(
            "; ",
            [
                match this.Rule with
                | UpdateRule.AdamW(beta1, beta2, epsilon) ->
                    string RuleName.AdamW
                    $"learning-rate {number this.LearningRate}"
                    $"beta1 {number beta1}"
                    $"beta2 {number beta2}"
                    $"epsilon {number epsilon}"
                | UpdateRule.SGD(momentum, nesterov) ->
                    string RuleName.SGD
                    $"learning-rate {number this.LearningRate}"
                    $"momentum {number momentum}"

                    if nesterov then
                        "nesterov"
                $"weight-decay {number this.WeightDecay} of {this.Decay}"
                $"schedule {this.Schedule}"
                $"clip {Clip.show this.Clip}"
            ]
        )

/// Printed forms of what decays.
[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Decay =

    /// Reads what `Decay` prints, or says in half a sentence what was expected.
    let parse (text: string) : Result<Decay, string> =
        match text.Trim() with
        | "all" -> Ok Decay.All
        | "matrices" -> Ok Decay.Matrices
        | "none" -> Ok(Decay.Only [])
        | words when words.StartsWith("only ", StringComparison.Ordinal) ->
            let names =
                words[5..].Split([| ","; " and " |], StringSplitOptions.None) |> Array.toList |> List.map _.Trim()

            match
                names
                |> List.tryFind (fun name -> name = "" || name |> Seq.exists (fun c -> c = ';' || Char.IsWhiteSpace c))
            with
            | Some name ->
                Error
                    $"expected names of weights, for example \"only embed.W_E and unembed.W_U\", found \"{Quote.text name}\""
            | None -> Ok(Decay.Only names)
        | _ ->
            Error
                $"expected all, matrices, none or names, for example \"only embed.W_E and unembed.W_U\", found \"{Quote.text text}\""

    /// Whether a leaf of some name and shape decays.
    let shrinks (decay: Decay) (name: string) (shape: Shape) : bool =
        match decay with
        | Decay.All -> true
        | Decay.Matrices -> shape.Length >= 2
        | Decay.Only names -> List.contains name names

/// Optimisers: pure steps of weights and moments.
[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Optimiser =

    /// AdamW as the 2022 study had it: learning rate 0.001, betas 0.9 and 0.999, epsilon 1e-8, a weight decay of 1 on every leaf, no schedule,
    /// nothing clipped.
    let adamW: Optimiser = {
        Rule = UpdateRule.AdamW(0.9, 0.999, 1e-8)
        LearningRate = 1e-3
        Schedule = Schedule.constant
        WeightDecay = 1.0
        Decay = Decay.All
        Clip = None
    }

    /// Gradient descent with a momentum of 0.9, a learning rate of 0.1 and no weight decay.
    let sgd: Optimiser = { adamW with Rule = UpdateRule.SGD(0.9, false); LearningRate = 0.1; WeightDecay = 0.0 }

    /// What a rule keeps of a leaf from step to step, each as large as the leaf and zero before the first step: the beginnings of the names
    /// that they have in files.
    let moments (rule: UpdateRule) : string list =
        match rule with
        | UpdateRule.AdamW _ -> [ "adamw.m."; "adamw.v." ]
        | UpdateRule.SGD(0.0, _) -> []
        | UpdateRule.SGD _ -> [ "sgd.momentum." ]

    let private sentence (what: string) (expected: string) (found: float) =
        $"{what} is {Quote.number found}, expected {expected}."

    /// What does not fit, if there is something, as one sentence: a number out of its range, a schedule, or a leaf that is to decay and is
    /// not among `names`.
    let problem (names: string list) (optimiser: Optimiser) : string option =
        let number what expected fits x = if fits x then None else Some(sentence what expected x)
        let share x = x >= 0.0 && x < 1.0
        let size x = x >= 0.0 && Double.IsFinite x
        let positive x = x > 0.0 && Double.IsFinite x

        [
            number "The learning rate" "a number from 0 on" size optimiser.LearningRate
            number "The weight decay" "a number from 0 on" size optimiser.WeightDecay
            match optimiser.Rule with
            | UpdateRule.AdamW(beta1, beta2, epsilon) ->
                number "beta1" "a number from 0 to below 1" share beta1
                number "beta2" "a number from 0 to below 1" share beta2
                number "epsilon" "a number above 0" positive epsilon
            | UpdateRule.SGD(momentum, nesterov) ->
                number "The momentum" "a number from 0 to below 1" share momentum

                if nesterov && momentum = 0.0 then
                    Some "The momentum is 0, expected a number above 0 where it is nesterov's."
            optimiser.Clip
            |> Option.bind (number "The norm at which gradients are clipped" "a number above 0" positive)
            Schedule.problem optimiser.Schedule |> Option.map (fun problem -> $"The schedule: {problem}.")
            match optimiser.Decay with
            | Decay.Only decaying ->
                decaying
                |> List.tryFind (fun name -> not (List.contains name names))
                |> Option.map (fun name ->
                    match Spelling.nearest names name with
                    | [] -> $"There is no leaf \"{Quote.text name}\" that could decay."
                    | near :: _ ->
                        $"There is no leaf \"{Quote.text name}\" that could decay, the nearest is \"{Quote.text near}\".")
            | _ -> ()
        ]
        |> List.tryPick id

    /// One leaf's step by the kernel, at a rate; results may take the places of what they are made from.
    let internal stepLeaf
        (rule: UpdateRule)
        (step: int)
        (rate: float)
        (decay: float)
        (w: ReadOnlySpan<float32>)
        (g: ReadOnlySpan<float32>)
        (moments: float32[][])
        (w': Span<float32>)
        (moments': float32[][])
        =
        match rule with
        | UpdateRule.AdamW(beta1, beta2, epsilon) ->
            AdamW.Step(
                w,
                ReadOnlySpan moments[0],
                ReadOnlySpan moments[1],
                g,
                w',
                Span moments'[0],
                Span moments'[1],
                rate,
                decay,
                beta1,
                beta2,
                epsilon,
                int64 step
            )
        | UpdateRule.SGD(momentum, nesterov) ->
            let b, b' = (if moments.Length = 0 then [||], [||] else moments[0], moments'[0])
            Sgd.Step(w, ReadOnlySpan b, g, w', Span b', rate, decay, momentum, nesterov)

    /// The rate of a step, counted from 1.
    let internal rate (optimiser: Optimiser) (step: int) : float =
        optimiser.LearningRate * Schedule.factor optimiser.Schedule step

    /// What a gradient is multiplied by, given the sum of its squares: longest / (norm + 1e-6), at most 1, rounded once.
    let internal clipping (longest: float) (squares: float) : float32 =
        float32 (min 1.0 (longest / (sqrt squares + 1e-6)))

    /// The moments before the first step.
    let start (structure: Structure<'record>) (optimiser: Optimiser) (weights: 'record) : 'record list =
        moments optimiser.Rule
        |> List.map (fun _ -> structure.Leaves weights |> List.map Tensor.zerosLike |> structure.Rebuild weights)

    /// A gradient whose norm over all leaves is at most `longest`: where it is more, every leaf times longest / (norm + 1e-6). The sum of
    /// squares is taken in float64, leaf after leaf (PyTorch's `clip_grad_norm_`).
    let clip (structure: Structure<'record>) (longest: float) (gradient: 'record) : 'record =
        let leaves = structure.Leaves gradient

        let squares =
            leaves |> List.fold (fun sum leaf -> sum + Reduction.SumOfSquares(ReadOnlySpan leaf.Data)) 0.0

        let factor = clipping longest squares

        if factor = 1.0f then
            gradient
        else
            leaves
            |> List.map (fun leaf ->
                let scaled = Array.zeroCreate leaf.Data.Length
                Elementwise.Scale(ReadOnlySpan leaf.Data, factor, Span scaled)
                Value(leaf.Shape, scaled))
            |> structure.Rebuild gradient

    /// Step number `step`, counted from 1: the weights and moments after it. Raises `RefusedException` for an optimiser that does not fit, or
    /// moments that are not as many as its rule has.
    let update
        (structure: Structure<'record>)
        (optimiser: Optimiser)
        (step: int)
        (gradient: 'record)
        (weights: 'record)
        (before: 'record list)
        : 'record * 'record list =
        let names = structure.Names weights
        problem names optimiser |> Option.iter Refused.because
        let kinds = moments optimiser.Rule

        if before.Length <> kinds.Length then
            Refused.because $"The optimiser has {kinds.Length} moments a leaf, found {before.Length}."

        let gradient =
            match optimiser.Clip with
            | Some longest -> clip structure longest gradient
            | None -> gradient

        let rate = rate optimiser step
        let leaves = structure.Leaves weights |> List.toArray
        let gradients = structure.Leaves gradient |> List.toArray
        let before = before |> List.map (structure.Leaves >> List.toArray)

        let leaf i name =
            let w: Tensor = leaves[i]

            let decay =
                if Decay.shrinks optimiser.Decay name w.Shape then
                    optimiser.WeightDecay
                else
                    0.0

            let w' = Array.zeroCreate w.Data.Length
            let old = before |> List.map (fun leaves -> leaves[i].Data) |> List.toArray
            let moments' = old |> Array.map (fun moment -> Array.zeroCreate moment.Length)

            stepLeaf
                optimiser.Rule
                step
                rate
                decay
                (ReadOnlySpan w.Data)
                (ReadOnlySpan gradients[i].Data)
                old
                (Span w')
                moments'

            Value(w.Shape, w'), moments' |> Array.map (fun moment -> Value(w.Shape, moment))

        let updated = names |> List.mapi leaf

        structure.Rebuild weights (List.map fst updated),
        kinds
        |> List.mapi (fun k _ -> updated |> List.map (fun (_, moments) -> moments[k]) |> structure.Rebuild weights)

    /// The parts of a printed form by their first word, and what is wrong with one.
    let private setting (optimiser: Optimiser) (part: string) : Result<Optimiser, string> =
        let word, rest =
            match part.IndexOf ' ' with
            | -1 -> part, ""
            | at -> part[.. at - 1], part[at + 1 ..].Trim()

        let number what set =
            match Numbers.real rest with
            | Some x -> Ok(set x)
            | None -> Error $"expected a number, for example \"{what}\", found \"{Quote.text part}\""

        match word, optimiser.Rule with
        | "learning-rate", _ -> number "learning-rate 0.001" (fun x -> { optimiser with LearningRate = x })
        | "beta1", UpdateRule.AdamW(_, beta2, epsilon) ->
            number "beta1 0.9" (fun x -> { optimiser with Rule = UpdateRule.AdamW(x, beta2, epsilon) })
        | "beta2", UpdateRule.AdamW(beta1, _, epsilon) ->
            number "beta2 0.999" (fun x -> { optimiser with Rule = UpdateRule.AdamW(beta1, x, epsilon) })
        | "epsilon", UpdateRule.AdamW(beta1, beta2, _) ->
            number "epsilon 1e-8" (fun x -> { optimiser with Rule = UpdateRule.AdamW(beta1, beta2, x) })
        | "momentum", UpdateRule.SGD(_, nesterov) ->
            number "momentum 0.9" (fun x -> { optimiser with Rule = UpdateRule.SGD(x, nesterov) })
        | "nesterov", UpdateRule.SGD(momentum, _) when rest = "" ->
            Ok { optimiser with Rule = UpdateRule.SGD(momentum, true) }
        | "weight-decay", _ ->
            let amount, decay =
                match rest.IndexOf(" of ", StringComparison.Ordinal) with
                | -1 -> rest, Ok optimiser.Decay
                | at -> rest[.. at - 1], Decay.parse rest[at + 4 ..]

            match Numbers.real amount, decay with
            | Some x, Ok decay -> Ok { optimiser with WeightDecay = x; Decay = decay }
            | None, _ ->
                Error $"expected a number, for example \"weight-decay 0.1 of matrices\", found \"{Quote.text part}\""
            | _, Error problem -> Error problem
        | "schedule", _ -> Schedule.parse rest |> Result.map (fun schedule -> { optimiser with Schedule = schedule })
        | "clip", _ -> Clip.parse rest |> Result.map (fun clip -> { optimiser with Clip = clip })
        | _ ->
            let known =
                match optimiser.Rule with
                | UpdateRule.AdamW _ -> "learning-rate, beta1, beta2, epsilon, weight-decay, schedule or clip"
                | UpdateRule.SGD _ -> "learning-rate, momentum, nesterov, weight-decay, schedule or clip"

            Error $"expected {known}, found \"{Quote.text part}\""

    /// Reads what an optimiser prints; parts that are left out are as in `adamW` or `sgd`: "sgd; learning-rate 0.5". Says in half a
    /// sentence what was expected otherwise.
    let parse (text: string) : Result<Optimiser, string> =
        let parts = text.Split ';' |> Array.toList |> List.map _.Trim()

        let start =
            match parts.Head with
            | "adamw" -> Ok adamW
            | "sgd" -> Ok sgd
            | other ->
                Error
                    $"expected adamw or sgd first, for example \"sgd; learning-rate 0.1; momentum 0.9\", found \"{Quote.text other}\""

        (start, parts.Tail)
        ||> List.fold (fun read part -> read |> Result.bind (fun optimiser -> setting optimiser part))
        |> Result.bind (fun optimiser ->
            // Which leaves there are is known where it is used.
            let names =
                match optimiser.Decay with
                | Decay.Only names -> names
                | _ -> []

            match problem names optimiser with
            | None -> Ok optimiser
            | Some problem -> Error(problem.TrimEnd '.'))
