namespace Interp

open System

/// One field varied, with the values it takes: `d_head=4,8,16`.
type Sweep = {
    /// What is varied.
    Field: Field
    /// The values that it takes.
    Values: FieldValue list
}

/// Many trainings: each variant at each setting of the sweeps with each of `Seeds` seeds from `FirstSeed` on.
type Survey = {
    /// The kinds of models.
    Variants: Variant list
    /// All are crossed.
    Sweeps: Sweep list
    /// Seeds go up from here.
    FirstSeed: uint64
    /// How many.
    Seeds: int
    /// Training steps of every model.
    Steps: int
}

/// One training of a survey.
type SurveyItem = {
    /// From 0, in the survey's order.
    Index: int
    /// The kind of model.
    Variant: Variant
    /// The swept fields' values.
    Setting: (Field * FieldValue) list
    /// All that the training depends on.
    Configuration: Configuration
}

/// What one training came to. Holds nothing of machine, clock or threads.
type SurveyResult = {
    /// Which training.
    Item: SurveyItem
    /// Of the trained model, in the order of `Quantities.measure`.
    Quantities: (Quantity * float) list
    /// (step, held-out loss in nats a letter) on the way and at the end.
    HeldOut: (int * float) list
    /// SHA-256 of the trained weights, hexadecimal.
    Weights: string
}

/// The items of a survey, as values.
module Survey =

    /// Items of a survey, at most.
    let mostItems = 1000000

    /// What every model of a survey is measured on: the same held-out sequences for all. Of the 2,000 prompts that are completed half
    /// are of different letters, so that a rate among those has a standard error of 0.016 at most; measuring takes three hundredths of
    /// the time of a full training.
    let reference: Reference = { Sequences = 10000; Seed = 1UL }

    /// All variants, in the order in which a survey names them.
    let variants = [ Plain; Smeared; TwoLayer ]

    /// The survey that is meant where nothing else is said.
    let standard = { Variants = variants; Sweeps = []; FirstSeed = 1UL; Seeds = 20; Steps = Configuration.study.Steps }

    /// What a survey measures on one trained model.
    let measure (threads: int) (task: Task) (item: SurveyItem) (model: Model<Tensor>) : (Quantity * float) list =
        Quantities.measure threads item.Configuration.Architecture task model reference

    /// The fields that can be swept: all but those that the variant, the steps and the seeds say.
    let sweepable: Field list =
        Field.all @ Field.spellings
        |> List.except [ Field.NLayers; Field.Smear; Field.Steps; Field.Seed ]

    /// "" or "d_head=4, batch=128".
    let settingName (setting: (Field * FieldValue) list) : string =
        setting |> List.map (fun (field, value) -> $"{Field.name field}={value}") |> String.concat ", "

    /// A sweep as on the command line: "d_head=4,8,16".
    let sweepName (sweep: Sweep) : string =
        Field.name sweep.Field + "=" + (sweep.Values |> List.map string |> String.concat ",")

    /// A sweep of a field by its name and the texts of its values, or one sentence on what does not fit.
    let sweepOf (word: string) (values: string list) : Result<Sweep, string> =
        let text = $"""{Quote.text word}={values |> List.map Quote.text |> String.concat ","}"""

        match Field.tryFind word with
        | Some field when List.contains field sweepable ->
            let parsed = values |> List.map (Field.parse field)

            let wrong =
                parsed
                |> List.tryPick (function
                    | Error problem -> Some problem
                    | Ok _ -> None)

            match wrong with
            | Some problem -> Error $"The sweep {text}: {Field.name field}: {problem}."
            | None when values.IsEmpty -> Error $"The sweep {text} has no values."
            | None ->
                let values = parsed |> List.choose Result.toOption

                if (List.distinct values).Length < values.Length then
                    Error $"The sweep {text} has a value twice."
                else
                    Ok { Field = field; Values = values }
        | _ ->
            let known = sweepable |> List.map Field.name
            let near = Spelling.nearest known word |> String.concat " or "

            Error
                $"""The sweep {text}: there is no such field to sweep; the nearest is {near}, expected one of {String.concat ", " known}."""

    /// Reads a sweep as `sweepName` writes it.
    let parseSweep (text: string) : Result<Sweep, string> =
        match text.IndexOf '=' with
        | -1 -> Error $"\"{Quote.text text}\" is no sweep, expected a field and its values, as in d_head=4,8,16."
        | equals -> sweepOf (text[.. equals - 1].Trim()) (text[equals + 1 ..].Split ',' |> List.ofArray)

    let private ofVariant variant =
        match variant with
        | Plain -> Configuration.study
        | Smeared -> Configuration.studySmeared
        | TwoLayer -> Configuration.studyTwoLayer

    /// Every setting: the cross product of the sweeps, the first one outermost.
    let settings (survey: Survey) : (Field * FieldValue) list list =
        List.foldBack
            (fun sweep settings -> [
                for value in sweep.Values do
                    for setting in settings -> (sweep.Field, value) :: setting
            ])
            survey.Sweeps
            [ [] ]

    let private configuration (survey: Survey) variant (setting: (Field * FieldValue) list) seed =
        Field.set setting { ofVariant variant with Steps = survey.Steps; Seed = seed }

    let private sweepProblem (sweep: Sweep) =
        match sweepOf (Field.name sweep.Field) (sweep.Values |> List.map string) with
        | Ok _ -> None
        | Error sentence -> Some sentence

    let private twice what values =
        values
        |> List.countBy id
        |> List.tryPick (fun (value, count) -> if count > 1 then Some $"{what value} is given twice." else None)

    // A float: many sweeps multiply beyond every integer.
    let private count (survey: Survey) =
        survey.Sweeps
        |> List.fold
            (fun count sweep -> count * float sweep.Values.Length)
            (float survey.Seeds * float survey.Variants.Length)

    let private configurationProblem (survey: Survey) =
        Seq.allPairs survey.Variants (settings survey)
        |> Seq.tryPick (fun (variant, setting) ->
            match Field.problem (configuration survey variant setting survey.FirstSeed) with
            | None -> None
            | Some problem when setting.IsEmpty -> Some problem.Sentence
            | Some problem -> Some $"The sweep does not fit at {settingName setting}: {problem.Sentence}")

    /// One sentence on what does not fit, if anything does not.
    let problem (survey: Survey) : string option =
        if survey.Variants.IsEmpty then
            Some "A study wants at least one variant."
        elif survey.Seeds < 1 then
            Some $"The number of seeds is {survey.Seeds}, expected at least 1."
        elif survey.Steps < 1 then
            Some $"The number of steps is {survey.Steps}, expected at least 1."
        elif survey.FirstSeed > UInt64.MaxValue - uint64 (survey.Seeds - 1) then
            Some $"{survey.Seeds} seeds from {survey.FirstSeed} on go beyond {UInt64.MaxValue}."
        else
            twice (fun variant -> $"The variant {variant}") survey.Variants
            |> Option.orElseWith (fun () -> survey.Sweeps |> List.tryPick sweepProblem)
            |> Option.orElseWith (fun () ->
                twice (fun field -> $"The sweep of {Field.name field}") (survey.Sweeps |> List.map _.Field))
            |> Option.orElseWith (fun () ->
                if count survey > float mostItems then
                    Some $"The study has {count survey} trainings, expected at most {mostItems}."
                else
                    configurationProblem survey)

    /// Every training, variant by variant, then setting by setting, then seed by seed. Raises `RefusedException` for a survey
    /// with a `problem`.
    let items (survey: Survey) : SurveyItem list =
        match problem survey with
        | Some sentence -> Refused.because sentence
        | None -> ()

        let settings = settings survey

        [
            for variant in survey.Variants do
                for setting in settings do
                    for seed in 0 .. survey.Seeds - 1 -> variant, setting, survey.FirstSeed + uint64 seed
        ]
        |> List.mapi (fun index (variant, setting, seed) -> {
            Index = index
            Variant = variant
            Setting = setting
            Configuration = configuration survey variant setting seed
        })

    /// One sentence on a claim about one of the survey's variants that no setting of it can decide, as something that the claim asks
    /// for is measured in none. `own` are the quantities that the user measures beside the program's.
    let claimProblem (own: Quantity list) (claims: Claim list) (survey: Survey) : string option =
        let measurable variant =
            settings survey
            |> List.map (fun setting ->
                let c = configuration survey variant setting survey.FirstSeed
                Quantities.measurable c.Architecture (Tasks.ofForm c.Task) @ own)

        claims
        |> List.filter (fun claim -> List.contains claim.Variant survey.Variants)
        |> List.tryPick (fun claim ->
            let problems = measurable claim.Variant |> List.map (fun measurable -> Claim.problem measurable claim)

            if List.forall Option.isSome problems then List.tryPick id problems else None)

    /// `items` of a survey whose trainings are to be judged by some claims. Raises `RefusedException` with the sentence of `claimProblem`, so
    /// that a misspelt quantity is told before anything trains; `own` are the quantities that the user measures beside the program's.
    let itemsFor (own: Quantity list) (claims: Claim list) (survey: Survey) : SurveyItem list =
        let items = items survey

        match claimProblem own claims survey with
        | Some sentence -> Refused.because sentence
        | None -> items

    /// The items of task `task` (from 0) of `tasks`: the index of the first, and how many. The shares of all tasks are the items
    /// `0 .. items - 1`, each once and in order, and their sizes differ by one at most; with as many tasks as items each is one item.
    /// Raises `RefusedException` where there is no such task, or the number of items is below zero.
    let share (items: int) (tasks: int) (task: int) : int * int =
        if items < 0 || tasks < 1 || task < 0 || task >= tasks then
            Refused.because $"Task {task} of {tasks} has no share of {items} items."

        let first task = int (int64 items * int64 task / int64 tasks)
        first task, first (task + 1) - first task
