namespace Interp

/// A prompt and what a model made of it.
[<StructuredFormatDisplay("{Display}")>]
type Completion = {
    /// What was given.
    Prompt: Tokens
    /// What was written behind it, without the prompt.
    Written: Tokens
    /// The right answer; none where the task leaves a choice.
    Expected: Tokens option
} with

    member internal this.Display =
        let judged =
            match this.Expected with
            | Some expected when expected = this.Written -> ", right"
            | Some expected -> $", expected {expected.Shown}"
            | None -> ""

        Display.line $"{this.Prompt.Shown} -> {this.Written.Shown}{judged}"


/// Prompts and how they go on.
module Completion =

    /// How a prompt goes on by the task, up to `length` letters in all, without the prompt; none where the task leaves a choice.
    let expected (task: Task) (length: int) (prompt: Tokens) : Tokens option =
        task.Prompts
        |> Option.bind (fun prompts -> prompts.Answer length (Tokens.toArray prompt))
        |> Option.map Tokens.ofArray

    let private continued (task: Task) (length: int) (decode: Tokens list -> Tokens list) (prompts: Tokens list) =
        for prompt in prompts do
            if prompt.Length >= length then
                Refused.because
                    $"{Vocabulary.toText task.Tokens prompt} has {prompt.Length} letters, so none is left to complete up to a length of {length}."

        decode prompts
        |> List.map2
            (fun (prompt: Tokens) whole -> {
                Prompt = prompt
                Written = Tokens.slice prompt.Length (length - prompt.Length) whole
                Expected = expected task length prompt
            })
            prompts

    /// Each prompt continued, greedily or with letters that are drawn, up to `length` letters in all, by what predicts logits [pos, vocab].
    let internal by threads (task: Task) (logits: Tokens -> Tensor) (sampling: Sampling option) length prompts =
        match sampling with
        | None -> Decoding.greedyWith threads logits length
        | Some sampling -> Decoding.sampleWith threads logits sampling length
        |> fun decode -> continued task length decode prompts

    /// Each prompt continued greedily, up to `length` letters in all, by a model under interventions. Raises `RefusedException` for a prompt
    /// that leaves nothing to write.
    let greedy threads (task: Task) (model: Model<Tensor>) interventions (length: int) (prompts: Tokens list) =
        by threads task (Intervened.logits threads task model interventions) None length prompts

    /// The same with letters that are drawn. Raises `RefusedException` as `Decoding.sample` does, too.
    let sample threads (task: Task) (model: Model<Tensor>) interventions sampling (length: int) (prompts: Tokens list) =
        by threads task (Intervened.logits threads task model interventions) (Some sampling) length prompts
