namespace Interp

open System

/// The expected loss of the best predictor that there can be, which knows how sequences are made but not which one comes.
type Floor = {
    /// Of each token but the first, in nats: [pos-1].
    PerPosition: float list
    /// Of the mean over the counted ones, in nats: 0 where the floor is exact.
    StandardError: float
}

/// Beginnings of sequences that leave no choice of what follows.
type Prompts = {
    /// Tokens of a sequence that determine the rest of it.
    Length: int
    /// How a prompt goes on, up to so many tokens in all, without the prompt; none where it has no right answer.
    Answer: int -> int[] -> int[] option
}

/// Kinds of inputs, so few that each can be counted apart.
[<NoEquality; NoComparison>]
type InputClasses = {
    /// What tells them apart, in words: "equality pattern".
    Kind: string
    /// Each class by its name, in the order of their numbers.
    Names: Lazy<string[]>
    /// The number of an input's class, from 0.
    Of: int[] -> int
}

/// All sequences that a task can have, each once.
[<NoEquality; NoComparison>]
type Inputs = {
    /// How many.
    Count: uint64
    /// Tokens of each.
    Length: int
    /// Writes sequence number i, from 0 and below the number of them, into an array [pos].
    Write: uint64 -> int[] -> unit
    /// How likely a sequence of the task is to be this one; none where each is as likely as any other.
    Probability: (int[] -> float) option
    /// What kinds of them there are.
    Classes: InputClasses
} with

    /// Sequence number i, from 0: [pos]. Raises `RefusedException` for a number that none has.
    member this.Nth(i: uint64) : int[] =
        if i >= this.Count then
            Refused.because $"Input number {i} was asked for, expected one below {this.Count}."

        let places = Array.zeroCreate this.Length
        this.Write i places
        places

/// All that anyone needs to know of the data. Tasks of the same name are equal.
[<StructuredFormatDisplay("{Display}")>]
[<CustomEquality; NoComparison>]
type Task = {
    /// The printed form, which has everything in it: "repeat 6 x4 of 26".
    Name: string
    /// The tokens' names.
    Tokens: Vocabulary
    /// Tokens of a sequence.
    Length: int
    /// Places, from 0 and ascending, of the tokens whose prediction counts in the loss.
    Counted: int list
    /// Writes sequence number i of a key's stream into an array [pos]: a function of the key and of i alone.
    Write: Key -> int -> int[] -> unit
    /// The same for held-out sequences, where these are others than those that are trained on.
    HeldOut: (Key -> int -> int[] -> unit) option
    /// None where it is not known.
    Floor: Lazy<Floor option>
    /// None where nothing in a sequence determines the rest of it.
    Prompts: Prompts option
    /// None where they are without end, or too many to be counted.
    Inputs: Inputs option
} with

    member internal this.Display =
        Display.line
            $"""task "{this.Name}": sequences of {Display.counted this.Length "token"}, of {this.Tokens.Display}; {Display.count (int64 this.Counted.Length)} predictions count"""

    override this.Equals other =
        match other with
        | :? Task as other -> this.Name = other.Name
        | _ -> false

    override this.GetHashCode() = hash this.Name

    /// The name.
    override this.ToString() = this.Name

/// What follows from a task alone.
module Task =

    /// What every task has; held-out sequences are written like the others, and nothing is known of floor, prompts and inputs.
    let internal create name tokens length counted write : Task = {
        Name = name
        Tokens = tokens
        Length = length
        Counted = counted
        Write = write
        HeldOut = None
        Floor = lazy None
        Prompts = None
        Inputs = None
    }

    /// The same of the first letters, where every prediction counts.
    let internal ofLetters name letters length write : Task =
        create name (Vocabulary.letters letters) length [ 1 .. length - 1 ] write

    /// A task of one's own: a name, the tokens' names, the length of a sequence, the places (from 0) of the tokens whose prediction counts,
    /// and a pure function from a key to a sequence. Raises `RefusedException` for what cannot be a task.
    let own (name: string) (tokens: string list) (length: int) (counted: int list) (sequence: Key -> int list) : Task =
        let vocabulary = Vocabulary.ofNames tokens

        if String.IsNullOrWhiteSpace name then
            Refused.because "The task has no name, expected some words."

        if Result.isOk (TaskGrammar.parse name) then
            Refused.because $"The name {Quote.text name} is that of a task of the program's, expected another one."

        if length < 2 then
            Refused.because $"The task {Quote.text name} has sequences of {length} tokens, expected at least 2."

        match counted |> List.tryFind (fun place -> place < 1 || place >= length) with
        | Some place ->
            Refused.because
                $"The task {Quote.text name} counts the prediction of the token at place {place}, expected places from 1 to {length - 1}."
        | None when counted.IsEmpty ->
            Refused.because
                $"The task {Quote.text name} counts no prediction, expected at least one place from 1 to {length - 1}."
        | None -> ()

        let write key index (places: int[]) =
            let written = sequence (Key.split (uint64 index) key)

            if written.Length <> length then
                Refused.because
                    $"The task {Quote.text name} wrote a sequence of {written.Length} tokens, expected {length}."

            written
            |> List.iteri (fun place token ->
                if token < 0 || token >= vocabulary.Size then
                    Refused.because
                        $"The task {Quote.text name} wrote the token {token} at place {place}, expected 0 to {vocabulary.Size - 1}."

                places[place] <- token)

        create name vocabulary length (counted |> List.distinct |> List.sort) write

    /// A text's task that is made once a sequence is wanted: of a form that says what its text was found to be, and the names of its tokens.
    let late (form: TextForm) (tokens: Vocabulary) (made: Lazy<Task>) : Task = {
        Name = string (TaskForm.Text form)
        Tokens = tokens
        Length = form.Length
        Counted = [ 1 .. form.Length - 1 ]
        Write = fun key index places -> made.Value.Write key index places
        HeldOut =
            Some(fun key index places ->
                match made.Value.HeldOut with
                | Some write -> write key index places
                | None -> made.Value.Write key index places)
        Floor = lazy None
        Prompts = None
        Inputs = None
    }

    /// A task of so many tokens and positions that has no sequences, for `reason` in words that begin a sentence: whoever asks for one is
    /// refused by `RefusedException`.
    let unknown (letters: int) (length: int) (reason: string) : Task =
        let capital = reason[..0].ToUpperInvariant() + reason[1..]

        ofLetters "unknown" letters length (fun _ _ _ ->
            Refused.because $"{capital}; give the task to measure on, for example --task \"{TaskForm.study}\".")

    /// The task whose sequences are the held-out ones.
    let internal heldOut (task: Task) : Task =
        match task.HeldOut with
        | Some write -> { task with Write = write }
        | None -> task

    /// Sequence number `index` of a key's stream: [pos]
    let sequence (task: Task) (key: Key) (index: int) : Tokens =
        let places = Array.zeroCreate task.Length
        task.Write key index places
        Tokens.ofArray places

    /// One sentence on a model of so many letters and positions that the task does not fit, with both numbers.
    let problem (letters: int) (positions: int) (task: Task) : string option =
        if task.Length > positions then
            Some $"The task {Quote.text task.Name} has sequences of {task.Length} positions, but n_ctx is {positions}."
        elif task.Tokens.Size > letters then
            Some $"The task {Quote.text task.Name} has {task.Tokens.Size} letters, but d_vocab is {letters}."
        else
            None

    /// The mean over a sequence's counted predictions of what is given for each token but the first: [pos-1].
    let mean (task: Task) (perPosition: float list) : float =
        let all = Array.ofList perPosition
        task.Counted |> List.averageBy (fun place -> all[place - 1])

    /// The least loss that any model can have, in nats a counted token; none where it is not known.
    let floor (task: Task) : float option = task.Floor.Value |> Option.map (fun floor -> mean task floor.PerPosition)
