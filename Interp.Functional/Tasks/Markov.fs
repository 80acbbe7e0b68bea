namespace Interp

open System

/// Random letters: of a random chain, of one fixed table, of nothing.
module internal Markov =

    /// All sequences of letters.
    let private listed letters length : Inputs option =
        Enumeration.inputs
            (Enumeration.power letters length)
            length
            (Classified.equality letters length)
            (fun i places -> Enumeration.digits letters 0 length places i |> ignore)

    let private draw (letters: int) (word: uint32) = Key.below (uint32 letters) word

    /// How often a letter has stood before place `place` with another one behind it, that place's own predecessor left out.
    let private followed (places: int[]) place (letter: int) =
        if place < 2 then
            0
        else
            MemoryExtensions.Count(ReadOnlySpan(places, 0, place - 1), letter)

    /// What stood behind a letter's occurrence number `n` from 0.
    let private successor (places: int[]) (letter: int) n =
        let mutable place = Array.IndexOf(places, letter)

        for _ in 1..n do
            place <- Array.IndexOf(places, letter, place + 1)

        places[place + 1]

    /// Sequence number `index` of a chain whose rows are uniform over the simplex (Dirichlet's distribution with all parameters 1), without
    /// drawing the chain: seen from outside a row is Pólya's urn, in which each letter lies once and, for each time that it came, once more.
    let private writeChain letters key index (places: int[]) =
        let first = uint64 index * uint64 ((places.Length + 3) / 4)

        Key.fold first places.Length key () (fun () i word ->
            if i = 0 then
                places[0] <- draw letters word
            else
                let before = places[i - 1]
                let drawn = draw (letters + followed places i before) word
                places[i] <- if drawn < letters then drawn else successor places before (drawn - letters))

    let chainLosses letters (places: int[]) (losses: float[]) =
        for place in 1 .. places.Length - 1 do
            let before = places[place - 1]
            let mutable came = 0

            for i in 0 .. place - 2 do
                if places[i] = before && places[i + 1] = places[place] then
                    came <- came + 1

            losses[place - 1] <- log (float (letters + followed places place before) / float (1 + came))

    /// How likely a sequence is, which follows from the losses of the best predictor.
    let private chainProbability letters (places: int[]) =
        let losses = Array.zeroCreate (places.Length - 1)
        chainLosses letters places losses
        exp -(Array.sum losses) / float letters

    /// The floor of the chain's task by `count` sequences of a key.
    let chainFloor length letters : Key -> int -> Floor =
        FloorEstimate.floor [ 1 .. length - 1 ] length (writeChain letters) (chainLosses letters)

    let chain (name: string) length letters : Task = {
        Task.ofLetters name letters length (writeChain letters) with
            Floor =
                lazy
                    (FloorEstimate.sequences (2L * int64 length * int64 length)
                     |> Option.map (chainFloor length letters FloorEstimate.key))
            Inputs =
                listed letters length
                |> Option.map (fun all -> { all with Probability = Some(chainProbability letters) })
    }

    let private writeNonsense letters key index (places: int[]) =
        Key.fold (uint64 index * uint64 ((places.Length + 3) / 4)) places.Length key () (fun () i word ->
            places[i] <- draw letters word)

    /// Letters that nothing foretells.
    let nonsense (name: string) length letters : Task = {
        Task.ofLetters name letters length (writeNonsense letters) with
            Floor = lazy Some { PerPosition = List.replicate (length - 1) (log (float letters)); StandardError = 0.0 }
            Inputs = listed letters length
    }

    /// Where each letter but the first begins among the words of 32 bits, for each letter before: [before][letter-1]. The gaps between
    /// sorted uniform numbers are uniform over the simplex.
    let table letters seed : uint32[][] =
        let key = Key.ofSeed seed |> Key.split 1001UL
        Array.init letters (fun before -> Key.words (letters - 1) (Key.split (uint64 before) key) |> Array.sort)

    /// How many of some ascending numbers are no larger than a word.
    let private atMost (word: uint32) (ascending: uint32[]) =
        let mutable low = 0
        let mutable high = ascending.Length

        while low < high do
            let middle = (low + high) / 2

            if ascending[middle] <= word then low <- middle + 1 else high <- middle

        low

    let private writeTable letters (table: Lazy<uint32[][]>) key index (places: int[]) =
        let table = table.Value

        Key.fold (uint64 index * uint64 ((places.Length + 3) / 4)) places.Length key () (fun () i word ->
            places[i] <- if i = 0 then draw letters word else atMost word table[places[i - 1]])

    /// Each row's probabilities: [before][letter]
    let probabilities (table: uint32[][]) =
        table
        |> Array.map (fun row ->
            let ends = Array.append (Array.map float row) [| 4294967296.0 |]
            ends |> Array.mapi (fun i last -> (last - (if i = 0 then 0.0 else ends[i - 1])) / 4294967296.0))

    let private tableProbability (rows: Lazy<float[][]>) (places: int[]) =
        let rows = rows.Value
        let mutable product = 1.0 / float rows.Length

        for place in 1 .. places.Length - 1 do
            product <- product * rows[places[place - 1]][places[place]]

        product

    /// The entropy of a row, over how often the letter before it comes at each place.
    let private tableFloor length (table: uint32[][]) : Floor =
        let rows = probabilities table
        let entropies = rows |> Array.map (Array.sumBy (fun p -> if p > 0.0 then -p * log p else 0.0))

        // From some place on how often a letter comes does not change any more.
        let next (shares: float[], settled) =
            if settled then
                shares, true
            else
                let after: float[] = Array.zeroCreate shares.Length

                for before in 0 .. shares.Length - 1 do
                    for letter in 0 .. shares.Length - 1 do
                        after[letter] <- after[letter] + shares[before] * rows[before][letter]

                after, Array.forall2 (fun a b -> abs (a - b) <= 1e-16) after shares

        let start = Array.create rows.Length (1.0 / float rows.Length), false

        {
            PerPosition =
                (start, [ 2 .. length - 1 ])
                ||> List.scan (fun state _ -> next state)
                |> List.map (fun (shares, _) ->
                    Array.fold2 (fun sum share entropy -> sum + share * entropy) 0.0 shares entropies)
            StandardError = 0.0
        }

    /// Letters of which one fixed random table says which follows which.
    let noise (name: string) length letters seed : Task =
        let table = lazy table letters seed

        {
            Task.ofLetters name letters length (writeTable letters table) with
                Floor = lazy Some(tableFloor length table.Value)
                Inputs =
                    listed letters length
                    |> Option.map (fun all -> {
                        all with
                            Probability = Some(tableProbability (lazy probabilities table.Value))
                    })
        }
