namespace Interp

/// A kind of task, for a list of them.
type TaskKind = {
    /// The word that its printed form begins with.
    Name: string
    /// A task of it.
    Example: TaskForm
    /// What its sequences are, in a line.
    Meaning: string
    /// Where it comes from.
    Source: string
}

/// The tasks that the program knows.
module Tasks =

    /// Every kind of task, each way to write one apart.
    let all: TaskKind list =
        let kind example meaning source =
            match TaskForm.parse example with
            | Ok form -> { Name = (string form).Split(' ')[0]; Example = form; Meaning = meaning; Source = source }
            | Error sentence -> Broken.because sentence

        [
            kind
                "repeat 6 x4 of 26"
                "a random pattern of letters, again and again"
                "the study's; as in Olsson et al., In-context Learning and Induction Heads, 2022"
            kind
                "repeat 3..8 length 24 of 26"
                "a random pattern again and again, each sequence's of a length of its own"
                "the study's, its period hidden"
            kind
                "induction length 64 of 26"
                "random letters, a random stretch of which returns once"
                "Elhage et al., A Mathematical Framework for Transformer Circuits, 2021; Olsson et al., In-context Learning and Induction Heads, 2022"
            kind
                "recall 5 of 16"
                "pairs of a key and a value, then one of the keys: its value"
                "Ba et al., Using Fast Weights to Attend to the Recent Past, 2016; Arora et al., Zoology, 2023 (there with many questions)"
            kind
                "markov length 64 of 4"
                "letters of a random chain, each sequence's its own: what came after a letter tells what comes"
                "Edelman et al., The Evolution of Statistical Induction Heads, 2024"
            kind
                "copy 8 of 26"
                "random letters, a separator, the same letters"
                "Graves et al., Neural Turing Machines, 2014"
            kind
                "reverse 8 of 26"
                "random letters, a separator, the same letters from the last to the first"
                "Weiss et al., Thinking Like Transformers, 2021"
            kind
                "sort 8 of 26"
                "random letters, a separator, the same letters in the alphabet's order"
                "Weiss et al., Thinking Like Transformers, 2021"
            kind
                "add 113"
                "two numbers and their sum modulo a third"
                "Power et al., Grokking, 2022; Nanda et al., Progress Measures for Grokking via Mechanistic Interpretability, 2023"
            kind
                "max 4 of 64"
                "random numbers and the largest of them"
                "Gross et al., Compact Proofs of Model Performance via Mechanistic Interpretability, 2024"
            kind
                "brackets 2 length 24"
                "balanced brackets of some kinds, all of a length equally likely"
                "Dyck's languages: Bhattamishra et al., On the Ability and Limitations of Transformers to Recognize Formal Languages, 2020; Weiss et al., Thinking Like Transformers, 2021"
            kind
                "nonsense length 24 of 26"
                "letters without any pattern: nothing can beat its floor"
                "a null of training"
            kind
                "bigram-noise length 24 of 26 seed 1"
                "letters of which one fixed random table says which follows which: nothing to copy"
                "a null of explanations; bigrams as in Elhage et al., A Mathematical Framework for Transformer Circuits, 2021"
            kind
                "add 113 split 30% seed 1"
                "any task whose inputs are few: a part of them is trained on, the others are held out"
                "Power et al., Grokking, 2022"
            kind "text moby.txt length 64" "windows of a text, its last tenth held out" "a file of one's own"
        ]

    /// The task of a form. Raises `RefusedException` for one whose numbers make no task, for one that is a script's own, and for a text,
    /// which has to be read first (`ofText`).
    let rec ofForm (form: TaskForm) : Task =
        TaskForm.problem form |> Option.iter Refused.because
        let name = string form

        match form with
        | TaskForm.Repeat r -> Repeat.task name r
        | TaskForm.Periods(shortest, longest, length, letters) -> Repeat.periods name shortest longest length letters
        | TaskForm.Induction(length, letters) -> Induction.task name length letters
        | TaskForm.Recall(pairs, keys) -> Recall.task name pairs keys
        | TaskForm.Markov(length, letters) -> Markov.chain name length letters
        | TaskForm.Copy(count, letters) -> Rewriting.copy name count letters
        | TaskForm.Reverse(count, letters) -> Rewriting.reverse name count letters
        | TaskForm.Sort(count, letters) -> Rewriting.sort name count letters
        | TaskForm.Add modulus -> Computed.add name modulus
        | TaskForm.Max(count, numbers) -> Computed.max name count numbers
        | TaskForm.Brackets(kinds, length) -> Brackets.task name kinds length
        | TaskForm.Nonsense(length, letters) -> Markov.nonsense name length letters
        | TaskForm.BigramNoise(length, letters, seed) -> Markov.noise name length letters seed
        | TaskForm.Split(whole, percent, seed) -> Split.task name percent seed (ofForm whole)
        | TaskForm.Text _ ->
            Refused.because
                $"The task {Quote.line name} is of a text that was not read, expected a task without a file."
        | TaskForm.Own _ ->
            Refused.because
                $"The task {Quote.text name} is not one of the program's, so that only a script that has it can go on with it."

    /// The task of windows of a text that was read. Its name has what the text was found to be. Raises `RefusedException` for a form that makes
    /// no task, a text that is not what the form says, is not UTF-8, or is too short for its windows.
    let ofText (form: TextForm) (source: TextSource) : Task =
        TaskForm.problem (TaskForm.Text form) |> Option.iter Refused.because
        TextTask.task form source

    /// The task of any form, with `read` to read a text where it is one of a text. Raises `RefusedException` as `ofForm` and `ofText` do.
    let ofFormWith (read: TextForm -> TextSource) (form: TaskForm) : Task =
        match form with
        | TaskForm.Text text ->
            // Before anything is read.
            TaskForm.problem form |> Option.iter Refused.because
            ofText text (read text)
        | form -> ofForm form

    /// The task of a printed form; the error is one sentence.
    let parse (text: string) : Result<Task, string> = TaskForm.parse text |> Result.map ofForm

    /// The study's: "repeat 6 x4 of 26".
    let study: Task = ofForm TaskForm.study

    /// The study's kind of task, where a task is of it.
    let repetition (task: Task) : Repetition option =
        TaskForm.parse task.Name |> Result.toOption |> Option.bind TaskForm.repetition

    /// The least loss that any model can have on a task, in nats a counted token, where its form alone tells it.
    let floor (form: TaskForm) : float option =
        match form with
        | TaskForm.Text _
        | TaskForm.Own _ -> None
        | form -> ofForm form |> Task.floor

    /// What the tokens are of a task of a text.
    let textUnit (task: Task) : TextUnit option =
        match TaskForm.parse task.Name with
        | Ok(TaskForm.Text text) -> Some text.Unit
        | _ -> None

    /// The names of a text's tokens, which a model keeps in its file, as the text may be gone; none of another task, whose form has them.
    let names (task: Task) : Vocabulary option = textUnit task |> Option.map (fun _ -> task.Tokens)

    /// A loss in nats a token as bits a token: of a text's characters or bytes.
    let bits (loss: float) : float = loss / log 2.0

    /// The least loss that any model can have on a repetition, in nats a letter.
    let floorOf (r: Repetition) : float = ofForm (TaskForm.Repeat r) |> Task.floor |> Option.get

    /// The block length at which heads' scores are looked at where the task has none of its own: the study's.
    let standardBlock = 6
