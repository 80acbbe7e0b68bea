namespace Interp

/// A prompt and what a model made of it.
type Completion = {
    /// What was given.
    Prompt: Tokens
    /// What was written behind it, without the prompt.
    Written: Tokens
    /// The right answer; none where the prompt is no repetition of its first block.
    Expected: Tokens option
}

/// Prompts and how they go on.
module Completion =

    /// How a prompt that repeats its first block goes on, up to `length` letters in all, without the prompt; none where it is shorter than a
    /// block or does not repeat it. Raises `ArgumentException` for a repetition of more than `length` letters.
    let expected (task: Task) (length: int) (prompt: Tokens) : Tokens option =
        let letters = Tokens.toArray prompt
        let block = task.BlockLength

        let repeats =
            letters.Length >= block
            && Seq.forall (fun i -> letters[i] = letters[i - block]) (seq { block .. letters.Length - 1 })

        if repeats then
            Some(Tokens.ofArray (Array.init (length - letters.Length) (fun i -> letters[(letters.Length + i) % block])))
        else
            None

    /// Each prompt continued greedily, up to `length` letters in all, by a model under interventions. Raises `RefusedException` for a prompt
    /// that leaves nothing to write.
    let greedy threads (task: Task) (model: Model<Tensor>) interventions (length: int) (prompts: Tokens list) =
        for prompt in prompts do
            if prompt.Length >= length then
                Refused.because
                    $"{Letters.toText prompt} has {prompt.Length} letters, so none is left to complete up to a length of {length}."

        Decoding.greedyWith threads (Intervened.logits threads task model interventions) length prompts
        |> List.map2
            (fun (prompt: Tokens) whole -> {
                Prompt = prompt
                Written = Tokens.slice prompt.Length (length - prompt.Length) whole
                Expected = expected task length prompt
            })
            prompts
