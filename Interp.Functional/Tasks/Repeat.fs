namespace Interp

/// The study's task as a task.
module internal Repeat =

    /// The pattern number `index` of a key's stream, written again and again.
    let private write (r: Repetition) key index (places: int[]) =
        let letters = uint32 r.Letters
        let words = (r.BlockLength + 3) / 4

        Key.fold (uint64 index * uint64 words) r.BlockLength key () (fun () i word ->
            places[i] <- Key.below letters word)

        for repetition in 1 .. r.Blocks - 1 do
            System.Array.Copy(places, 0, places, repetition * r.BlockLength, r.BlockLength)

    /// The letters of the first block after its first one are pure chance, the rest is determined.
    let private floor (r: Repetition) = {
        PerPosition = List.init (r.Length - 1) (fun i -> if i + 1 < r.BlockLength then log (float r.Letters) else 0.0)
        StandardError = 0.0
    }

    /// How a prompt that repeats its first block goes on; none where it is shorter than a block or does not repeat it.
    let private answer block length (prompt: int[]) =
        let repeats =
            prompt.Length >= block
            && Seq.forall (fun i -> prompt[i] = prompt[i - block]) (seq { block .. prompt.Length - 1 })

        if repeats && length >= prompt.Length then
            Some(Array.init (length - prompt.Length) (fun i -> prompt[(prompt.Length + i) % block]))
        else
            None

    let private inputs (r: Repetition) =
        let count = bigint r.Letters ** r.BlockLength

        if count > bigint System.UInt64.MaxValue then
            None
        else
            let nth (i: uint64) =
                let pattern = Array.zeroCreate r.BlockLength

                (i, [ r.BlockLength - 1 .. -1 .. 0 ])
                ||> List.fold (fun rest place ->
                    pattern[place] <- int (rest % uint64 r.Letters)
                    rest / uint64 r.Letters)
                |> ignore

                Array.init r.Length (fun place -> pattern[place % r.BlockLength])

            Some { Count = uint64 count; Nth = nth }

    let task (name: string) (r: Repetition) : Task = {
        Name = name
        Tokens = Vocabulary.letters r.Letters
        Length = r.Length
        Counted = [ 1 .. r.Length - 1 ]
        Write = write r
        HeldOut = None
        Floor = lazy (Some(floor r))
        Prompts =
            if r.Blocks < 2 then
                None
            else
                // Two whole blocks where a sequence has more, else one.
                Some { Length = r.BlockLength * min 2 (r.Blocks - 1); Answer = answer r.BlockLength }
        Inputs = inputs r
    }
