namespace Interp

/// The study's task, and the one in which each sequence has a period of its own.
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

    let private hasPeriod (prompt: int[]) period =
        Seq.forall (fun i -> prompt[i] = prompt[i - period]) (seq { period .. prompt.Length - 1 })

    let private continued (prompt: int[]) length period =
        Array.init (length - prompt.Length) (fun i -> prompt[prompt.Length - period + i % period])

    /// How a prompt that repeats its first block goes on; none where it is shorter than a block or does not repeat it.
    let private answer block length (prompt: int[]) =
        if prompt.Length >= block && hasPeriod prompt block && length >= prompt.Length then
            Some(continued prompt length block)
        else
            None

    let private inputs (r: Repetition) =
        Enumeration.inputs
            (Enumeration.power r.Letters r.BlockLength)
            r.Length
            (Classified.equality r.Letters r.BlockLength)
            (fun i places ->
                Enumeration.digits r.Letters 0 r.BlockLength places i |> ignore

                for place in r.BlockLength .. r.Length - 1 do
                    places[place] <- places[place - r.BlockLength])

    let task (name: string) (r: Repetition) : Task = {
        Task.ofLetters name r.Letters r.Length (write r) with
            Floor = lazy Some(floor r)
            Prompts =
                if r.Blocks < 2 then
                    None
                else
                    // Two whole blocks where a sequence has more, else one.
                    Some { Length = r.BlockLength * min 2 (r.Blocks - 1); Answer = answer r.BlockLength }
            Inputs = inputs r
    }

    /// Sequence number `index`: a word for the period, one for each letter of the longest pattern.
    let private writePeriods shortest longest letters key index (places: int[]) =
        let first = uint64 index * uint64 (1 + (longest + 3) / 4)
        let period = shortest + Key.below (uint32 (longest - shortest + 1)) (Key.block first key).A

        Key.fold (first + 1UL) period key () (fun () i word -> places[i] <- Key.below (uint32 letters) word)

        for place in period .. places.Length - 1 do
            places[place] <- places[place - period]

    /// Bayes' rule over periods, all equally likely before the first letter: the loss of each letter but the first.
    let periodLosses shortest longest letters : int[] -> float[] -> unit =
        let shares: float[] = Array.zeroCreate (longest - shortest + 1)

        fun places losses ->
            System.Array.Fill(shares, 1.0 / float shares.Length)

            for place in 1 .. places.Length - 1 do
                let mutable sum = 0.0

                for i in 0 .. shares.Length - 1 do
                    let period = shortest + i

                    let likelihood =
                        if place < period then 1.0 / float letters
                        elif places[place] = places[place - period] then 1.0
                        else 0.0

                    shares[i] <- shares[i] * likelihood
                    sum <- sum + shares[i]

                for i in 0 .. shares.Length - 1 do
                    shares[i] <- shares[i] / sum

                losses[place - 1] <- -(log sum)

    /// The floor of the task with periods by `count` sequences of a key.
    let periodFloor shortest longest length letters : Key -> int -> Floor =
        FloorEstimate.floor
            [ 1 .. length - 1 ]
            length
            (writePeriods shortest longest letters)
            (periodLosses shortest longest letters)

    /// How a prompt goes on by every period that it can have; none where these differ, or where it may not have shown its period yet.
    let private periodAnswer shortest longest length (prompt: int[]) =
        if prompt.Length < longest || length < prompt.Length then
            None
        else
            match
                seq { shortest..longest }
                |> Seq.filter (hasPeriod prompt)
                |> Seq.map (continued prompt length)
                |> Seq.distinct
                |> Seq.truncate 2
                |> List.ofSeq
            with
            | [ answer ] -> Some answer
            | _ -> None

    /// Each sequence has its own period, as likely one as another; the last pattern may be cut off.
    let periods (name: string) shortest longest length letters : Task = {
        Task.ofLetters name letters length (writePeriods shortest longest letters) with
            Floor =
                lazy
                    (FloorEstimate.sequences (int64 length * int64 (longest - shortest + 1) * 3L)
                     |> Option.map (periodFloor shortest longest length letters FloorEstimate.key))
            // What has two periods and is as long as both has their common divisor, too (Fine and Wilf, "Uniqueness theorems for periodic
            // functions", 1965), so that two of the longest patterns leave no choice.
            Prompts =
                if 2 * longest < length then
                    Some { Length = 2 * longest; Answer = periodAnswer shortest longest }
                else
                    None
    }
