namespace Interp

open System
open System.Globalization

/// One field varied, with the values it takes: `d_head = 4, 8, 16`.
type Sweep = { Field: string; Values: float list }

/// Many trainings: each variant at each setting of the sweeps with each of `Seeds` seeds from `FirstSeed` on.
type Survey = {
    Variants: Variant list
    Sweeps: Sweep list
    FirstSeed: uint64
    Seeds: int
    /// Training steps of every model.
    Steps: int
}

/// One training of a study.
type SurveyItem = {
    /// From 0, in the study's order.
    Index: int
    Variant: Variant
    /// The swept fields' values.
    Setting: (string * float) list
    Configuration: Configuration
}

/// What one training came to. Holds nothing of machine, clock or threads.
type SurveyResult = {
    Item: SurveyItem
    /// Of the trained model, in the order of `Quantities.measure`.
    Quantities: (string * float) list
    /// (step, held-out loss in nats a letter) on the way and at the end.
    HeldOut: (int * float) list
    /// SHA-256 of the trained weights, hexadecimal.
    Weights: string
}

/// The items of a study, as values.
module Survey =

    /// Items of a study, at most.
    [<Literal>]
    let MostItems = 1000000

    /// What every model of a study is measured on: the same held-out sequences for all. Of the 2,000 prompts that are completed half
    /// are of different letters, so that a rate among those has a standard error of 0.016 at most; measuring takes three hundredths of
    /// the time of a full training.
    let reference: Reference = { Sequences = 10000; Seed = 1UL }

    /// All variants, in the order in which a study names them.
    let variants = [ Plain; Smeared; TwoLayer ]

    /// The study that is meant where nothing else is said.
    let standard = { Variants = variants; Sweeps = []; FirstSeed = 1UL; Seeds = 20; Steps = Configuration.study.Steps }

    /// What a study measures on one trained model.
    let measure (threads: int) (item: SurveyItem) (model: Model<Tensor>) : (string * float) list =
        Quantities.measure threads item.Configuration model reference

    /// One field that can be swept: its name, whether it counts something, and how it is set.
    type private Field = { Name: string; Whole: bool; Set: float -> Configuration -> Configuration }

    let private shape set value (c: Configuration) = { c with Architecture = set (int value) c.Architecture }

    let private fields = [
        { Name = "heads"; Whole = true; Set = shape (fun heads a -> { a with Heads = heads }) }
        { Name = "d_model"; Whole = true; Set = shape (fun width a -> { a with ModelWidth = width }) }
        { Name = "d_head"; Whole = true; Set = shape (fun width a -> { a with HeadWidth = width }) }
        { Name = "vocab"; Whole = true; Set = shape (fun letters a -> { a with Vocabulary = letters }) }
        { Name = "block_length"; Whole = true; Set = fun letters c -> { c with BlockLength = int letters } }
        { Name = "blocks"; Whole = true; Set = fun blocks c -> { c with Blocks = int blocks } }
        { Name = "batch"; Whole = true; Set = fun batch c -> { c with Batch = int batch } }
        { Name = "learning_rate"; Whole = false; Set = fun rate c -> { c with LearningRate = rate } }
        { Name = "weight_decay"; Whole = false; Set = fun decay c -> { c with WeightDecay = decay } }
    ]

    /// The names of all fields that can be swept.
    let fieldNames: string list = fields |> List.map _.Name

    let private field name = fields |> List.tryFind (fun field -> field.Name = name)

    let private show (value: float) = value.ToString("R", CultureInfo.InvariantCulture)

    /// "" or "d_head=4, batch=128".
    let settingName (setting: (string * float) list) : string =
        setting |> List.map (fun (name, value) -> $"{name}={show value}") |> String.concat ", "

    /// A sweep as on the command line: "d_head=4,8,16".
    let sweepName (sweep: Sweep) : string = sweep.Field + "=" + (sweep.Values |> List.map show |> String.concat ",")

    /// Reads a sweep as `sweepName` writes it; whether it fits, `problem` says.
    let parseSweep (text: string) : Result<Sweep, string> =
        let number (word: string) =
            match Double.TryParse(word.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture) with
            | true, value -> Some value
            | _ -> None

        match text.IndexOf '=' with
        | -1 -> Error $"\"{Quote.text text}\" is no sweep, expected a field and its values, as in d_head=4,8,16."
        | equals ->
            let words = text[equals + 1 ..].Split ','

            match words |> Array.tryFind (fun word -> (number word).IsNone) with
            | Some word ->
                Error $"\"{Quote.text text}\": \"{Quote.text word}\" is no number, expected values as in d_head=4,8,16."
            | None -> Ok { Field = text[.. equals - 1].Trim(); Values = words |> Array.choose number |> List.ofArray }

    let private ofVariant variant =
        let study = Configuration.study

        match variant with
        | Plain -> study
        | Smeared -> Configuration.studySmeared
        | TwoLayer -> { study with Architecture = { study.Architecture with Layers = 2 } }

    /// Every setting: the cross product of the sweeps, the first one outermost.
    let settings (study: Survey) : (string * float) list list =
        List.foldBack
            (fun sweep settings -> [
                for value in sweep.Values do
                    for setting in settings -> (sweep.Field, value) :: setting
            ])
            study.Sweeps
            [ [] ]

    let private configuration (study: Survey) variant (setting: (string * float) list) seed =
        let swept name = setting |> List.exists (fun (field, _) -> field = name)

        let set =
            setting
            |> List.fold
                (fun c (name, value) ->
                    match field name with
                    | Some field -> field.Set value c
                    | None -> c)
                { ofVariant variant with Steps = study.Steps; Seed = seed }

        let a = set.Architecture

        {
            set with
                Architecture = {
                    a with
                        HeadWidth =
                            if (swept "heads" || swept "d_model") && not (swept "d_head") && a.Heads > 0 then
                                a.ModelWidth / a.Heads
                            else
                                a.HeadWidth
                        Context =
                            if swept "block_length" || swept "blocks" then
                                int (min (int64 set.BlockLength * int64 set.Blocks) (int64 Int32.MaxValue))
                            else
                                a.Context
                }
        }

    let private sweepProblem (sweep: Sweep) =
        let name = sweepName { sweep with Field = Quote.text sweep.Field }

        match field sweep.Field with
        | None ->
            let known = String.concat ", " fieldNames
            Some $"The sweep {name}: there is no such field, expected one of {known}."
        | Some _ when sweep.Values.IsEmpty -> Some $"The sweep {name} has no values."
        | Some _ when (List.distinct sweep.Values).Length < sweep.Values.Length ->
            Some $"The sweep {name} has a value twice."
        | Some field ->
            sweep.Values
            |> List.tryPick (fun value ->
                if not (Double.IsFinite value) then
                    Some $"The sweep {name}: {show value} is no finite number."
                elif field.Whole && (value <> Math.Floor value || abs value > 1e6) then
                    Some $"The sweep {name}: {field.Name} must be a whole number, not {show value}."
                else
                    None)

    let private twice what values =
        values
        |> List.countBy id
        |> List.tryPick (fun (value, count) -> if count > 1 then Some $"{what value} is given twice." else None)

    // A float: many sweeps multiply beyond every integer.
    let private count (study: Survey) =
        study.Sweeps
        |> List.fold
            (fun count sweep -> count * float sweep.Values.Length)
            (float study.Seeds * float study.Variants.Length)

    let private configurationProblem (study: Survey) =
        Seq.allPairs study.Variants (settings study)
        |> Seq.tryPick (fun (variant, setting) ->
            match Configuration.validate (configuration study variant setting study.FirstSeed) with
            | Ok _ -> None
            | Error sentence when setting.IsEmpty -> Some sentence
            | Error sentence -> Some $"The sweep does not fit at {settingName setting}: {sentence}")

    /// One sentence on what does not fit, if anything does not.
    let problem (study: Survey) : string option =
        if study.Variants.IsEmpty then
            Some "A study wants at least one variant."
        elif study.Seeds < 1 then
            Some $"The number of seeds is {study.Seeds}, expected at least 1."
        elif study.Steps < 1 then
            Some $"The number of steps is {study.Steps}, expected at least 1."
        elif study.FirstSeed > UInt64.MaxValue - uint64 (study.Seeds - 1) then
            Some $"{study.Seeds} seeds from {study.FirstSeed} on go beyond {UInt64.MaxValue}."
        else
            twice (fun variant -> $"The variant {variant}") study.Variants
            |> Option.orElseWith (fun () -> study.Sweeps |> List.tryPick sweepProblem)
            |> Option.orElseWith (fun () ->
                twice (fun field -> $"The sweep of {field}") (study.Sweeps |> List.map _.Field))
            |> Option.orElseWith (fun () ->
                if count study > float MostItems then
                    Some $"The study has {count study} trainings, expected at most {MostItems}."
                else
                    configurationProblem study)

    /// Every training, variant by variant, then setting by setting, then seed by seed. Raises `ArgumentException` for a study
    /// with a `problem`.
    let items (study: Survey) : SurveyItem list =
        match problem study with
        | Some sentence -> Shape.fail sentence
        | None -> ()

        let settings = settings study

        [
            for variant in study.Variants do
                for setting in settings do
                    for seed in 0 .. study.Seeds - 1 -> variant, setting, study.FirstSeed + uint64 seed
        ]
        |> List.mapi (fun index (variant, setting, seed) -> {
            Index = index
            Variant = variant
            Setting = setting
            Configuration = configuration study variant setting seed
        })

    /// The items of task `task` (from 0) of `tasks`: the index of the first, and how many. The shares of all tasks are the items
    /// `0 .. items - 1`, each once and in order, and their sizes differ by one at most; with as many tasks as items each is one item.
    let share (items: int) (tasks: int) (task: int) : int * int =
        if items < 0 || tasks < 1 || task < 0 || task >= tasks then
            Shape.fail $"Task {task} of {tasks} has no share of {items} items."

        let first task = int (int64 items * int64 task / int64 tasks)
        first task, first (task + 1) - first task
