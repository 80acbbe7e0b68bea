namespace Interp

/// Tasks whose sequences have a beginning that determines the rest, which is what counts.
module internal Determined =

    /// How a prompt goes on where its first `from` tokens make a sequence by `complete`, which is none for what begins no sequence.
    let answer from (complete: int[] -> int[] option) length (prompt: int[]) : int[] option =
        if prompt.Length < from || length < prompt.Length then
            None
        else
            complete prompt[.. from - 1]
            |> Option.filter (fun whole -> whole.Length >= prompt.Length && whole[.. prompt.Length - 1] = prompt)
            |> Option.map (fun whole -> whole[prompt.Length .. min length whole.Length - 1])

    /// A task of sequences of so many tokens, of which `beginnings.Length` + 1 determine the rest; `beginnings` are the entropies, given
    /// what stands before, of the second token and on.
    let task name tokens length (beginnings: float list) write complete inputs : Task =
        let from = beginnings.Length + 1

        {
            Task.create name tokens length [ from .. length - 1 ] write with
                Floor = lazy Some { PerPosition = beginnings @ List.replicate (length - from) 0.0; StandardError = 0.0 }
                Prompts = Some { Length = from; Answer = answer from complete }
                Inputs = inputs
        }
