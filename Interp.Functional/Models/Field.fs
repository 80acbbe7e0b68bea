namespace Interp

open System
open System.Globalization

/// One thing that a run depends on. `Field.describe` is the table of all of them: options, files, tables, sweeps and messages
/// are made from it.
[<RequireQualifiedAccess>]
type Field =
    /// Attention layers.
    | NLayers
    /// Heads a layer.
    | NHeads
    /// Width of the residual stream.
    | DModel
    /// Width of a head's queries, keys and values.
    | DHead
    /// Letters of the alphabet, the model's and the task's.
    | DVocab
    /// Positions of the model.
    | NCtx
    /// How the model knows where a letter stands.
    | Positions
    /// What is mixed with its like at the position before.
    | Smear
    /// What it is trained on: a printed form of a task.
    | Task
    /// Letters in the repeated block: a spelling of the task.
    | BlockLength
    /// Times that the block occurs in a sequence: a spelling of the task.
    | Blocks
    /// Sequences a step.
    | Batch
    /// Steps of the optimiser.
    | Steps
    /// AdamW, or gradient descent with momentum.
    | Optimiser
    /// The learning rate, before the schedule.
    | LearningRate
    /// The factor on the learning rate, by the step's number.
    | Schedule
    /// How much of themselves weights lose.
    | WeightDecay
    /// Which weights do.
    | Decay
    /// The longest that a step's gradient may be.
    | Clip
    /// Of gradient descent.
    | Momentum
    /// Decay of AdamW's first moment.
    | Beta1
    /// Decay of AdamW's second moment.
    | Beta2
    /// What AdamW adds to the root of the second moment.
    | Epsilon
    /// Seed of the weights before training and of every batch.
    | Seed

/// The value of a field.
[<StructuredFormatDisplay("{Display}")>]
type FieldValue =
    /// Of a field with a `WholeFrom` range.
    | Whole of int
    /// Of a field with the range `AnyNatural`: a seed.
    | Natural of uint64
    /// Of a field with a `NumberFrom` range.
    | Number of float
    /// Of a field with the range `AnyTruth`.
    | Truth of bool
    /// Of a field with a `OneOf` or `Written` range: a word, or what a value prints as.
    | Word of string

    member internal this.Display = Display.line (this.ToString())

    /// As files and command lines have it: numbers to the last bit, in the invariant form.
    override this.ToString() =
        match this with
        | Whole n -> n.ToString CultureInfo.InvariantCulture
        | Natural n -> n.ToString CultureInfo.InvariantCulture
        | Number x -> Numbers.show x
        | Truth truth -> if truth then "true" else "false"
        | Word word -> word

/// The values that a field can have; ends are included.
[<NoEquality; NoComparison>]
[<StructuredFormatDisplay("{Display}")>]
type FieldRange =
    /// Whole numbers from `low` to `high`.
    | WholeFrom of low: int * high: int
    /// Whole numbers from 0 to 2^64 - 1.
    | AnyNatural
    /// Numbers from `low` to `high`.
    | NumberFrom of low: float * high: float
    /// True or false.
    | AnyTruth
    /// One of some words.
    | OneOf of words: string list
    /// What a value of its own kind prints as: `what` in half a sentence, and what reads it, to the one form that it prints as or to a sentence.
    | Written of what: string * read: (string -> Result<string, string>)

    member internal this.Display = Display.line (this.ToString())

    /// "a whole number from 1 to 8"
    override this.ToString() =
        match this with
        | WholeFrom(low, high) -> $"a whole number from {low} to {high}"
        | AnyNatural -> $"a whole number from 0 to {UInt64.MaxValue}"
        | NumberFrom(low, high) -> $"a number from {Number low} to {Number high}"
        | AnyTruth -> "true or false"
        | OneOf words -> "one of " + String.concat ", " words
        | Written(what, _) -> what

/// A row of the table of fields.
[<NoEquality; NoComparison>]
type FieldDescription = {
    /// "d_model", everywhere; "--d-model" on the command line.
    Name: string
    /// Names under which earlier versions wrote it; still read.
    OldNames: string list
    /// What earlier versions wrote of it, and the value that it means; still read.
    OldValues: (string * FieldValue) list
    /// Half a sentence for the help.
    Meaning: string
    /// The values that it can have.
    Range: FieldRange
    /// The value in a configuration.
    Get: Configuration -> FieldValue
    /// A configuration with another value, of the field's type; nothing else changes.
    Set: FieldValue -> Configuration -> Configuration
    /// What its absence in a file means: the value that the versions had which did not know the field. None for a field that has
    /// to be there.
    Absent: FieldValue option
}

/// A field that does not fit.
type FieldProblem = {
    /// Which field.
    Field: Field
    /// One sentence: what it is, and what was expected.
    Sentence: string
}

/// The one table of fields.
[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Field =

    let private row name oldNames meaning range get set = {
        Name = name
        OldNames = oldNames
        OldValues = []
        Meaning = meaning
        Range = range
        Get = get
        Set = set
        Absent = None
    }

    // A setter is only given what the field's range parses to.
    let private mistyped (value: FieldValue) : 'a = invalidOp $"The value {value} is not of this field's type."

    let private whole name oldNames meaning low high get set =
        row name oldNames meaning (WholeFrom(low, high)) (get >> Whole) (fun value c ->
            match value with
            | Whole n -> set n c
            | other -> mistyped other)

    let private number name meaning low high get set =
        // A negative zero is the same number under another name, which is not read.
        row name [] meaning (NumberFrom(low, high)) (get >> (+) 0.0 >> Number) (fun value c ->
            match value with
            | Number x -> set x c
            | other -> mistyped other)

    /// A field whose values are the cases of a union, by what they print.
    let private word
        name
        oldNames
        meaning
        (cases: 'case list)
        (get: Configuration -> 'case)
        (set: 'case -> Configuration -> Configuration)
        =
        row name oldNames meaning (OneOf(cases |> List.map string)) (get >> string >> Word) (fun value c ->
            match cases |> List.tryFind (fun case -> string case = string value) with
            | Some case -> set case c
            | None -> mistyped value)

    /// A field whose value has a printed form; files of versions that did not know it have the study's.
    let private printed name meaning what (parse: string -> Result<'value, string>) (show: 'value -> string) get set = {
        row name [] meaning (Written(what, parse >> Result.map show)) (get >> show >> Word) (fun value c ->
            match parse (string value) with
            | Ok value -> set value c
            | Error _ -> mistyped value) with
            Absent = Some(Word(show (get Configuration.study)))
    }

    let private architecture set value (c: Configuration) = { c with Architecture = set value c.Architecture }

    // Of another task than a repetition there is nothing to set: `set` is for those that `problem` lets through.
    let private repetition get set =
        let ofForm (c: Configuration) =
            match c.Task with
            | TaskForm.Repeat r -> get r
            | _ -> 0

        ofForm,
        fun n (c: Configuration) ->
            match c.Task with
            | TaskForm.Repeat r -> { c with Task = TaskForm.Repeat(set n r) }
            | _ -> c

    /// A field's row.
    let describe (field: Field) : FieldDescription =
        match field with
        | Field.NLayers ->
            whole
                "n_layers"
                [ "layers" ]
                "attention layers; with 0 a model of bigrams"
                0
                64
                _.Architecture.NLayers
                (architecture (fun n a -> { a with NLayers = n }))
        | Field.NHeads ->
            whole
                "n_heads"
                [ "heads" ]
                "heads a layer"
                1
                64
                _.Architecture.NHeads
                (architecture (fun n a -> { a with NHeads = n }))
        | Field.DModel ->
            whole
                "d_model"
                [ "model_width" ]
                "width of the residual stream"
                1
                1024
                _.Architecture.DModel
                (architecture (fun n a -> { a with DModel = n }))
        | Field.DHead ->
            whole
                "d_head"
                [ "head_width" ]
                "width of a head's queries, keys and values; without it d_model / n_heads"
                1
                256
                _.Architecture.DHead
                (architecture (fun n a -> { a with DHead = n }))
        | Field.DVocab ->
            whole
                "d_vocab"
                [ "vocabulary"; "vocab" ]
                "tokens that the model knows; without it as many as the task has"
                2
                16384
                _.Architecture.DVocab
                (architecture (fun n a -> { a with DVocab = n }))
        | Field.NCtx ->
            whole
                "n_ctx"
                [ "context" ]
                "positions of the model; without it as many as a sequence has"
                2
                4096
                _.Architecture.NCtx
                (architecture (fun n a -> { a with NCtx = n }))
        | Field.Positions -> {
            word
                "positions"
                []
                "how letters know where they stand: sinusoids in queries and keys (study), learned in the residual stream (standard), rotary, or none"
                [ Positions.Study; Positions.Standard; Positions.Rotary; Positions.NoPositions ]
                _.Architecture.Positions
                (architecture (fun positions a -> { a with Positions = positions })) with
                Absent = Some(Word(string Positions.Study))
          }
        | Field.Smear -> {
            word
                "smear"
                [ "smeared" ]
                "what is mixed with its like one position before, in a learned proportion: none, keys, queries or both"
                [ Smear.Neither; Smear.Keys; Smear.Queries; Smear.Both ]
                _.Architecture.Smear
                (architecture (fun smear a -> { a with Smear = smear })) with
                OldValues = [
                    string (Truth true), Word(string Smear.Keys)
                    string (Truth false), Word(string Smear.Neither)
                ]
          }
        | Field.Task ->
            row
                "task"
                []
                "what sequences are made of"
                (Written($"a task, such as \"{TaskForm.study}\"", TaskForm.parse >> Result.map string))
                (fun c -> Word(string c.Task))
                (fun value c ->
                    match value with
                    | Word word -> { c with Task = TaskForm.ofName word }
                    | other -> mistyped other)
        | Field.BlockLength ->
            repetition _.BlockLength (fun n r -> { r with BlockLength = n })
            ||> whole "block_length" [] "letters in the repeated block, a short way to a task" 1 512
        | Field.Blocks ->
            repetition _.Blocks (fun n r -> { r with Blocks = n })
            ||> whole "blocks" [] "times the block occurs in a sequence, a short way to a task" 2 512
        | Field.Batch ->
            whole "batch" [] "fresh random sequences a step" 1 65536 _.Batch (fun n c -> { c with Batch = n })
        | Field.Steps -> whole "steps" [] "training steps" 1 100000000 _.Steps (fun n c -> { c with Steps = n })
        | Field.Optimiser -> {
            word
                "optimiser"
                []
                "AdamW, or gradient descent with momentum, which wants another learning rate and weight decay than the study's"
                [ RuleName.AdamW; RuleName.SGD ]
                _.Optimiser
                (fun name c -> { c with Optimiser = name }) with
                Absent = Some(Word(string Configuration.study.Optimiser))
          }
        | Field.LearningRate ->
            number "learning_rate" "the learning rate, before the schedule" 0.0 10.0 _.LearningRate (fun x c -> {
                c with
                    LearningRate = x
            })
        | Field.Schedule ->
            printed
                "schedule"
                "the factor on the learning rate, by the step's number"
                $"constant, or parts for example \"warm-up 100 then cosine to 0.1 at 10000\", linear and jump among them"
                Schedule.parse
                string
                _.Schedule
                (fun schedule c -> { c with Schedule = schedule })
        | Field.WeightDecay ->
            number
                "weight_decay"
                "weight decay: AdamW's is decoupled, gradient descent's goes through the momentum"
                0.0
                1000.0
                _.WeightDecay
                (fun x c -> { c with WeightDecay = x })
        | Field.Decay ->
            printed
                "decay"
                "which weights decay"
                "all, matrices, none or names, for example \"only embed.W_E and unembed.W_U\""
                Decay.parse
                string
                _.Decay
                (fun decay c -> { c with Decay = decay })
        | Field.Clip ->
            printed
                "clip"
                "the longest that a step's gradient may be; a longer one is scaled"
                "a number above 0, or none"
                Clip.parse
                Clip.show
                _.Clip
                (fun clip c -> { c with Clip = clip })
        | Field.Momentum -> {
            number "momentum" "momentum of gradient descent" 0.0 0.999999 _.Momentum (fun x c -> {
                c with
                    Momentum = x
            }) with
                Absent = Some(Number Configuration.study.Momentum)
          }
        | Field.Beta1 ->
            number "beta1" "decay of AdamW's first moment" 0.0 0.999999 _.Beta1 (fun x c -> { c with Beta1 = x })
        | Field.Beta2 ->
            number "beta2" "decay of AdamW's second moment" 0.0 0.99999999 _.Beta2 (fun x c -> { c with Beta2 = x })
        | Field.Epsilon ->
            number "epsilon" "what AdamW adds to the root of the second moment" 1e-30 1.0 _.Epsilon (fun x c -> {
                c with
                    Epsilon = x
            })
        | Field.Seed ->
            row "seed" [] "seed of the weights and of every batch" AnyNatural (fun c -> Natural c.Seed) (fun value c ->
                match value with
                | Natural n -> { c with Seed = n }
                | other -> mistyped other)

    /// Every field, in the order of files and tables.
    let all: Field list = [
        Field.NLayers
        Field.NHeads
        Field.DModel
        Field.DHead
        Field.DVocab
        Field.NCtx
        Field.Positions
        Field.Smear
        Field.Task
        Field.Batch
        Field.Steps
        Field.Optimiser
        Field.LearningRate
        Field.Schedule
        Field.WeightDecay
        Field.Decay
        Field.Clip
        Field.Momentum
        Field.Beta1
        Field.Beta2
        Field.Epsilon
        Field.Seed
    ]

    /// Other words for a part of the task, which files of earlier versions and command lines have.
    let spellings: Field list = [ Field.BlockLength; Field.Blocks ]

    /// The fields of a model's shape.
    let ofArchitecture: Field list = [
        Field.NLayers
        Field.NHeads
        Field.DModel
        Field.DHead
        Field.DVocab
        Field.NCtx
        Field.Positions
        Field.Smear
    ]

    /// A field's one name: "d_model".
    let name (field: Field) : string = (describe field).Name

    /// A field's name on the command line: "--d-model".
    let option (field: Field) : string = "--" + (name field).Replace('_', '-')

    /// What the study has.
    let standard (field: Field) : FieldValue = (describe field).Get Configuration.study

    /// A field by its name, or by one that earlier versions used; spellings too.
    let tryFind (word: string) : Field option =
        all @ spellings
        |> List.tryFind (fun field -> let row = describe field in row.Name = word || List.contains word row.OldNames)

    /// What a file says, and what it says by what it lacks: with the values that `absent` knows of fields that are not among `found`.
    let internal completedBy (absent: Field -> FieldValue option) (found: (Field * FieldValue) list) =
        found
        @ [
            for field in all do
                match absent field with
                | Some value when not (List.exists (fst >> (=) field) found) -> field, value
                | _ -> ()
        ]

    let private within (range: FieldRange) (value: FieldValue) =
        match range, value with
        | WholeFrom(low, high), Whole n -> low <= n && n <= high
        | NumberFrom(low, high), Number x -> low <= x && x <= high
        | OneOf words, Word word -> List.contains word words
        | Written(_, read), Word word -> read word = Ok word
        | AnyNatural, Natural _
        | AnyTruth, Truth _ -> true
        | _ -> false

    let private read (range: FieldRange) (text: string) : FieldValue option =
        match range with
        | WholeFrom _ -> Numbers.whole text |> Option.map Whole
        | AnyNatural -> Numbers.natural text |> Option.map Natural
        | NumberFrom _ -> Numbers.real text |> Option.map Number
        | AnyTruth ->
            match text with
            | "true" -> Some(Truth true)
            | "false" -> Some(Truth false)
            | _ -> None
        | OneOf _ -> Some(Word text)
        | Written(_, read) -> read text |> Result.toOption |> Option.map Word

    /// Reads a value of a range, or says in half a sentence what was expected: "expected a whole number from 1 to 8, found 9".
    let parseIn (range: FieldRange) (text: string) : Result<FieldValue, string> =
        match read range text, range with
        | Some value, _ when within range value -> Ok value
        | _, Written(_, read) ->
            match read text with
            // A whole one, whose end belongs to the sentence that this becomes a part of.
            | Error sentence -> Error(sentence.TrimEnd '.')
            | Ok _ -> Error $"expected {range}, found \"{Quote.text text}\""
        | _ -> Error $"expected {range}, found {Numbers.found text}"

    /// Reads what `string` prints of a value, or what earlier versions wrote of it, or says in half a sentence what was expected.
    let parse (field: Field) (text: string) : Result<FieldValue, string> =
        let row = describe field

        match List.tryFind (fst >> (=) text) row.OldValues with
        | Some(_, value) -> Ok value
        | None -> parseIn row.Range text

    /// A configuration with some fields set. What is left out but follows from others that are given follows:
    /// d_head = d_model / n_heads; the model's tokens and positions are those of the task, and the task's letters those of the model.
    let set (given: (Field * FieldValue) list) (start: Configuration) : Configuration =
        let has (fields: Field list) = given |> List.exists (fun (field, _) -> List.contains field fields)
        let first, rest = given |> List.partition (fst >> (=) Field.Task)
        let c = (start, first @ rest) ||> List.fold (fun c (field, value) -> (describe field).Set value c)
        let a = c.Architecture

        let task =
            if has [ Field.DVocab ] && not (has [ Field.Task ]) then
                TaskForm.withLetters a.DVocab c.Task
            else
                c.Task

        let size = TaskForm.size task

        let dHead =
            if has [ Field.NHeads; Field.DModel ] && not (has [ Field.DHead ]) then
                max 1 (a.DModel / max 1 a.NHeads)
            else
                a.DHead

        let nCtx =
            match size with
            | Some size when has (Field.Task :: spellings) && not (has [ Field.NCtx ]) ->
                max 2 (int (min size.Length (int64 Int32.MaxValue)))
            | _ -> a.NCtx

        let dVocab =
            match size with
            | Some size when has [ Field.Task ] && not (has [ Field.DVocab ]) -> max 2 size.Letters
            | _ -> a.DVocab

        { c with Task = task; Architecture = { a with DHead = dHead; NCtx = nCtx; DVocab = dVocab } }

    /// What a file says, with the task in the place of its spellings.
    let private withoutSpellings (found: (Field * FieldValue) list) =
        let has fields = found |> List.exists (fun (field, _) -> List.contains field fields)
        let others = found |> List.filter (fun (field, _) -> not (List.contains field spellings))

        if has spellings && not (has [ Field.Task ]) then
            others @ [ Field.Task, Word(string (set found Configuration.study).Task) ]
        else
            others

    /// What a file says of a configuration, with the values that fields had of which its version did not know.
    let completed (found: (Field * FieldValue) list) : (Field * FieldValue) list =
        withoutSpellings found |> completedBy (fun field -> (describe field).Absent)

    let private rangeProblem (c: Configuration) field =
        let row = describe field
        let value = row.Get c

        match field, TaskForm.problem c.Task with
        | Field.Task, Some sentence -> Some { Field = field; Sentence = sentence }
        // A script's own has no form to be read.
        | Field.Task, None when c.Task.IsOwn -> None
        | _ when within row.Range value -> None
        | _ -> Some { Field = field; Sentence = $"{row.Name} is {value}, expected {row.Range}." }

    let private turned (a: Architecture) =
        if a.Positions = Positions.Rotary && a.DHead % 2 <> 0 then
            Some {
                Field = Field.DHead
                Sentence =
                    $"d_head is {a.DHead}, and rotary positions turn the entries of queries and keys in pairs: expected an even number."
            }
        else
            None

    let private fitting (c: Configuration) =
        match TaskForm.size c.Task with
        | Some size when size.Length > int64 c.Architecture.NCtx ->
            Some {
                Field = Field.Task
                Sentence =
                    $"The task {c.Task} has sequences of {size.Length} positions, but n_ctx is {c.Architecture.NCtx}."
            }
        | Some size when size.Letters > c.Architecture.DVocab ->
            Some {
                Field = Field.DVocab
                Sentence = $"The task {c.Task} has {size.Letters} letters, but d_vocab is {c.Architecture.DVocab}."
            }
        | _ -> None

    /// The first field that does not fit, if there is one.
    let problem (c: Configuration) : FieldProblem option =
        all
        |> List.tryPick (rangeProblem c)
        |> Option.orElseWith (fun () -> turned c.Architecture)
        |> Option.orElseWith (fun () -> fitting c)

    /// The first field of a model's shape that does not fit, if there is one.
    let architectureProblem (a: Architecture) : FieldProblem option =
        ofArchitecture
        |> List.tryPick (rangeProblem { Configuration.study with Architecture = a })
        |> Option.orElseWith (fun () -> turned a)

    /// The fields in which two configurations differ, with their values in each.
    let differences (a: Configuration) (b: Configuration) : (Field * FieldValue * FieldValue) list =
        all
        |> List.choose (fun field ->
            let get = (describe field).Get
            if get a = get b then None else Some(field, get a, get b))
