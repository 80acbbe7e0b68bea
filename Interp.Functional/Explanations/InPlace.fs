namespace Interp

open System.Collections.Generic

/// What is asked of a model, asked of an explanation of it.
type InPlace = internal {
    Task: Task
    Threads: int
    /// Seeds of the other sequences that stand behind one another.
    Seeds: uint64 list
    /// By the other sequences and the text.
    Logits: Tokens -> Tokens -> Tensor
}

/// Explanations in their model's place. A text shorter than the sequences of the task is one that what is resampled, or averaged, is cut to.
module InPlace =

    /// An explanation of a model under interventions. Patterns are averaged, and letters resampled, over other sequences than those of `reference`, as
    /// many. Raises `RefusedException` for an explanation, or an intervention, that does not fit the model.
    let ofExplanation
        (threads: int)
        (task: Task)
        (positions: int)
        (model: Model<Tensor>)
        (interventions: Intervention list)
        (reference: Reference)
        (explanation: Explanation)
        : InPlace =
        Faithfulness.check interventions
        let terms = Terms.ofModel positions model
        let parts = Parts.expand terms.Architecture explanation
        let averaged = Faithfulness.averagedOver task reference
        let explained = Explained.prepare threads terms parts (fun _ -> None) averaged (Dictionary())
        let resolved = Intervened.resolve threads task model interventions
        let seeds = Intervened.seeds interventions
        let resamples = Explained.resamples explained

        {
            Task = task
            Threads = threads
            Seeds = (if resamples then [ Faithfulness.othersSeed reference ] else []) @ seeds
            Logits =
                fun others tokens ->
                    let length = others.Length / max 1 (seeds.Length + if resamples then 1 else 0)
                    let own = if resamples then Tokens.slice 0 tokens.Length others else tokens

                    let rest =
                        match seeds with
                        | [] -> tokens
                        | seeds when resamples -> Tokens.slice length (seeds.Length * length) others
                        | _ -> others

                    Explained.logitsWith (resolved tokens rest) explained tokens own
        }

    /// The logits [pos, vocab] of a sequence. Resampling takes the first sequence of its seed.
    let logits (explained: InPlace) : Tokens -> Tensor =
        Intervened.logitsBeside explained.Task explained.Seeds explained.Logits

    /// Prompts continued up to `length` letters in all, greedily or with letters that are drawn. Raises `RefusedException` as `Completion.greedy`, and
    /// `Decoding.sample`, do.
    let complete
        (explained: InPlace)
        (sampling: Sampling option)
        (length: int)
        (prompts: Tokens list)
        : Completion list =
        Completion.by explained.Threads explained.Task (logits explained) sampling length prompts

    /// Loss and greedy completions. Raises `RefusedException` for fewer than one sequence.
    let evaluate (explained: InPlace) (reference: Reference) : Evaluation =
        let lossAndHits sequences =
            Intervened.averageBeside
                explained.Threads
                explained.Task
                explained.Seeds
                explained.Logits
                Loss.withHits
                sequences
            |> Intervened.lossAndHits

        Behaviour.evaluateBy explained.Threads explained.Task (logits explained) lossAndHits reference
