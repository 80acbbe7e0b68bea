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
    /// What all are trained on, unless a sweep says otherwise.
    Task: TaskForm
    /// All are crossed.
    Sweeps: Sweep list
    /// Seeds go up from here.
    FirstSeed: uint64
    /// How many; where it goes on until its claims are decided, how many at most.
    Seeds: int
    /// Training steps of every model.
    Steps: int
    /// The user's, beside the study's own.
    Claims: Claim list
    /// Whether trainings of a kind are added, seed by seed, until every claim about that kind is decided (`Deciding`).
    UntilDecided: bool
}

/// One training of a survey.
type SurveyItem = {
    /// From 0, in the survey's order.
    Index: int
    /// The kind of model.
    Variant: Variant
    /// The swept fields' values; of a field that takes one value alone only where that says what the variant's name does.
    Setting: (Field * FieldValue) list
    /// All that the training depends on.
    Configuration: Configuration
}

/// What one training came to. Holds nothing of machine, clock or threads.
[<StructuredFormatDisplay("{Display}")>]
type SurveyResult = {
    /// Which training.
    Item: SurveyItem
    /// Of the trained model, in the order of `Quantities.measure`.
    Quantities: (Quantity * float) list
    /// (step, held-out loss in nats a letter) on the way and at the end.
    HeldOut: (int * float) list
    /// SHA-256 of the trained weights, hexadecimal.
    Weights: string
} with

    member internal this.Display =
        Display.line
            $"{this.Item.Variant} of seed {this.Item.Configuration.Seed}: {Display.count (int64 this.Quantities.Length)} quantities"


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
    let standard = {
        Variants = variants
        Task = TaskForm.study
        Sweeps = []
        FirstSeed = 1UL
        Seeds = 20
        Steps = Configuration.study.Steps
        Claims = []
        UntilDecided = false
    }

    /// Seeds of each kind at most where a survey goes on until its claims are decided and nothing else is said: a claim that holds in two of
    /// three trainings is nearly always decided by then.
    let standardMost = 200

    /// The claims that a survey judges its trainings by: the study's, then the user's.
    let claims (survey: Survey) : Claim list = Claims.study @ survey.Claims

    /// What a survey measures on one trained model.
    let measure (threads: int) (task: Task) (item: SurveyItem) (model: Model<Tensor>) : (Quantity * float) list =
        Quantities.measure threads item.Configuration.Architecture task model reference

    /// The fields that can be swept: all but those that the steps and the seeds say. What a variant says a sweep says otherwise.
    let sweepable: Field list = Field.all @ Field.spellings |> List.except [ Field.Steps; Field.Seed ]

    // Of "2..6" on the command line; what is written down are the numbers themselves.
    let private expanded (field: Field) (text: string) : string list =
        match (Field.describe field).Range, text.Split ".." with
        | WholeFrom(low, high), [| first; last |] ->
            match Numbers.whole first, Numbers.whole last with
            | Some first, Some last when low <= first && first <= last && last <= high -> [
                for value in first..last -> string value
              ]
            | _ -> [ text ]
        | _ -> [ text ]

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
            let parsed = values |> List.collect (expanded field) |> List.map (Field.parse field)

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
        let swept = setting |> List.exists (fst >> (=) Field.Task)

        let task =
            if swept || survey.Task = TaskForm.study then
                []
            else
                [ Field.Task, Word(string survey.Task) ]

        Field.set (task @ setting) { ofVariant variant with Steps = survey.Steps; Seed = seed }

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

    /// What is measured on the trainings of a variant at a setting.
    let private measurable (survey: Survey) setting variant =
        let c = configuration survey variant setting survey.FirstSeed
        Quantities.measurable c.Architecture c.Task

    // A claim of the study's is about its models on its task, whatever the length of its blocks.
    let private isAboutIts variant (c: Configuration) =
        Variant.ofArchitecture c.Architecture = Some variant && (TaskForm.repetition c.Task).IsSome

    /// Whether a claim is about the trainings of an item's kind: those of the study are about its own models on blocks that repeat, others
    /// about what their variant says.
    let isAbout (item: SurveyItem) (claim: Claim) : bool =
        Claim.isAbout item.Variant claim
        && (isAboutIts item.Variant item.Configuration
            || not (Claims.study |> List.exists (fun ours -> ours.Name = claim.Name)))

    // What a claim of a user's asks of another variant's trainings.
    let private elsewhereProblem (own: Quantity list) (survey: Survey) setting (claim: Claim) =
        Claim.elsewhere claim
        |> List.tryPick (fun (quantity, variant) ->
            if Claims.study |> List.exists (fun ours -> ours.Name = claim.Name) then
                None
            elif not (List.contains variant survey.Variants) then
                Some
                    $"The claim {Quote.text claim.Name} asks for {quantity} of {variant}, and the study trains no {variant} models."
            else
                Claim.problem (measurable survey setting variant @ own) {
                    claim with
                        Conditions = [ Condition.above quantity 0.0 ]
                })

    /// One sentence on a claim about some of the survey's variants that none of them can decide at any setting, as something that the claim
    /// asks for is measured in none. `own` are the quantities that the user measures beside the program's.
    let claimProblem (own: Quantity list) (claims: Claim list) (survey: Survey) : string option =
        claims
        |> List.tryPick (fun claim ->
            let problems =
                Seq.allPairs
                    (survey.Variants |> List.filter (fun variant -> Claim.isAbout variant claim))
                    (settings survey)
                |> Seq.map (fun (variant, setting) ->
                    Claim.problem (measurable survey setting variant @ own) claim
                    |> Option.orElseWith (fun () -> elsewhereProblem own survey setting claim))
                |> Seq.cache

            if Seq.forall Option.isSome problems then Seq.tryPick id problems else None)

    let private ownClaimProblem (survey: Survey) =
        let named = survey.Claims |> List.map _.Name

        named
        |> List.tryFind (fun name -> Claims.study |> List.exists (fun claim -> claim.Name = name))
        |> Option.map (fun name ->
            $"The claim {Quote.text name} has the name of one of the study's, expected another name.")
        |> Option.orElseWith (fun () -> twice (fun name -> $"The claim {Quote.text name}") named)
        |> Option.orElseWith (fun () -> claimProblem [] survey.Claims survey)

    let private taskProblem (survey: Survey) =
        let words = Field.Task :: Field.spellings

        match survey.Sweeps |> List.filter (fun sweep -> List.contains sweep.Field words) with
        | sweep :: _ when survey.Task <> TaskForm.study && sweep.Field = Field.Task ->
            Some $"The study has the task {survey.Task} and a sweep of tasks, expected one of them."
        | sweep :: _ when sweep.Field <> Field.Task && (TaskForm.repetition survey.Task).IsNone ->
            Some
                $"The sweep of {Field.name sweep.Field} is a short way to tasks that repeat a block, but the task is {survey.Task}."
        | first :: second :: _ when first.Field = Field.Task || second.Field = Field.Task ->
            Some
                $"The sweeps of {Field.name first.Field} and {Field.name second.Field} both say the task, expected one of them."
        | _ -> TaskForm.problem survey.Task

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
            taskProblem survey
            |> Option.orElseWith (fun () -> twice (fun variant -> $"The variant {variant}") survey.Variants)
            |> Option.orElseWith (fun () -> survey.Sweeps |> List.tryPick sweepProblem)
            |> Option.orElseWith (fun () ->
                twice (fun field -> $"The sweep of {Field.name field}") (survey.Sweeps |> List.map _.Field))
            |> Option.orElseWith (fun () ->
                if count survey > float mostItems then
                    Some $"The study has {count survey} trainings, expected at most {mostItems}."
                else
                    configurationProblem survey)
            |> Option.orElseWith (fun () -> ownClaimProblem survey)

    /// Whether a swept field tells kinds of trainings apart, or from what their variant is called.
    let private tells (survey: Survey) (field: Field) =
        List.contains field [ Field.NLayers; Field.Smear ]
        || survey.Sweeps |> List.exists (fun sweep -> sweep.Field = field && sweep.Values.Length > 1)

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
            Setting = setting |> List.filter (fun (field, _) -> tells survey field)
            Configuration = configuration survey variant setting seed
        })

    /// `items` of a survey whose trainings are to be judged by some claims. Raises `RefusedException` with the sentence of `claimProblem`, so
    /// that a misspelt quantity is told before anything trains; `own` are the quantities that the user measures beside the program's.
    let itemsFor (own: Quantity list) (claims: Claim list) (survey: Survey) : SurveyItem list =
        let items = items survey

        match claimProblem own claims survey with
        | Some sentence -> Refused.because sentence
        | None -> items

    /// The claims that trainings of an item's kind can decide, before any is trained: those about its variant whose quantities are measured at its
    /// setting. One that holds them against trainings of another kind is decided with those, not by these alone, and is none of them.
    let claimsOf (survey: Survey) (item: SurveyItem) : Claim list =
        let measurable = Quantities.measurable item.Configuration.Architecture item.Configuration.Task

        claims survey
        |> List.filter (fun claim ->
            isAbout item claim && (Claim.elsewhere claim).IsEmpty && (Claim.problem measurable claim).IsNone)

    /// Items in the order in which they are done: as they are numbered; where a survey goes on until its claims are decided, seed by seed.
    let inOrder (survey: Survey) (items: SurveyItem list) : SurveyItem list =
        if survey.UntilDecided then
            items |> List.sortBy (fun item -> item.Index % survey.Seeds, item.Index)
        else
            items

    /// Bytes of the weights of all of its models together, float32. Raises `RefusedException` where they have no shape, as with a survey
    /// that has a `problem`.
    let weightBytes (survey: Survey) : int64 =
        Seq.allPairs survey.Variants (settings survey)
        |> Seq.sumBy (fun (variant, setting) ->
            let c = configuration survey variant setting survey.FirstSeed

            int64 survey.Seeds
            * int64 sizeof<float32>
            * (Model.shapes c.Architecture |> Model.leaves |> List.sumBy (Shape.size >> int64)))

    /// The items of task `task` (from 0) of `tasks`: the index of the first, and how many. The shares of all tasks are the items
    /// `0 .. items - 1`, each once and in order, and their sizes differ by one at most; with as many tasks as items each is one item.
    /// Raises `RefusedException` where there is no such task, or the number of items is below zero.
    let share (items: int) (tasks: int) (task: int) : int * int =
        if items < 0 || tasks < 1 || task < 0 || task >= tasks then
            Refused.because $"Task {task} of {tasks} has no share of {items} items."

        let first task = int (int64 items * int64 task / int64 tasks)
        first task, first (task + 1) - first task
