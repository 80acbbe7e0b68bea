namespace Interp

/// Pairs of key and value, then one of the keys: its value.
module internal Recall =

    /// The number at a rank among those from 0 that are not among the first `count` of `taken`, which ascend; it joins them.
    let private take (taken: int[]) count rank =
        let mutable number = rank
        let mutable i = 0

        while i < count && taken[i] <= number do
            number <- number + 1
            i <- i + 1

        System.Array.Copy(taken, i, taken, i + 1, count - i)
        taken[i] <- number
        number

    /// The ranks in the places from `pairs` on, each among the keys that are left, become keys in every second place.
    let private layKeys pairs (places: int[]) =
        for i in 0 .. pairs - 1 do
            places[pairs + i] <- take places i places[pairs + i]

        // None is written above the place that it is read from.
        for i in 0 .. pairs - 1 do
            places[2 * i] <- places[pairs + i]

    let private ask pairs query (places: int[]) =
        places[2 * pairs] <- places[2 * query]
        places[2 * pairs + 1] <- places[2 * query + 1]

    /// Sequence number `index`: a word for each key, each value, and which key is asked for.
    let private write pairs keys key index (places: int[]) =
        let blocks = uint64 ((pairs + 3) / 4)
        let first = uint64 index * (2UL * blocks + 1UL)
        Key.fold first pairs key () (fun () i word -> places[pairs + i] <- Key.below (uint32 (keys - i)) word)
        layKeys pairs places

        Key.fold (first + blocks) pairs key () (fun () i word ->
            places[2 * i + 1] <- keys + Key.below (uint32 keys) word)

        ask pairs (Key.below (uint32 pairs) (Key.block (first + 2UL * blocks) key).A) places

    /// A key is one of those that are left, its value any; the last key is one of those before.
    let private beginnings pairs keys = [
        for place in 1 .. 2 * pairs do
            if place = 2 * pairs then log (float pairs)
            elif place % 2 = 0 then log (float (keys - place / 2))
            else log (float keys)
    ]

    let private complete pairs keys (beginning: int[]) =
        let isPair (pair: int[]) = pair[0] >= 0 && pair[0] < keys && pair[1] >= keys && pair[1] < 2 * keys
        let given = beginning[.. 2 * pairs - 1] |> Array.chunkBySize 2

        if Array.forall isPair given && (given |> Array.distinctBy Array.head).Length = pairs then
            given
            |> Array.tryFind (fun pair -> pair[0] = beginning[2 * pairs])
            |> Option.map (fun pair -> Array.append beginning [| pair[1] |])
        else
            None

    let private inputs classes pairs keys =
        let count =
            Enumeration.product [
                for i in 0 .. pairs - 1 do
                    uint64 (keys - i)
                    uint64 keys
                uint64 pairs
            ]

        Enumeration.inputs count (2 * pairs + 2) classes (fun i places ->
            let mutable left = i

            let next (bound: int) =
                let struct (quotient, digit) = System.Math.DivRem(left, uint64 bound)
                left <- quotient
                int digit

            let query = next pairs
            let values = Array.init pairs (fun _ -> keys + next keys)

            for i in 0 .. pairs - 1 do
                places[pairs + i] <- next (keys - i)

            layKeys pairs places
            values |> Array.iteri (fun i value -> places[2 * i + 1] <- value)
            ask pairs query places)

    // Up to 26 keys have capital letters, their values small ones.
    let private tokens keys =
        if keys <= 26 then
            Vocabulary.ofNames (
                List.init keys (fun i -> string ('A' + char i)) @ List.init keys (fun i -> string ('a' + char i))
            )
        else
            Vocabulary.ofNames (List.init keys (fun i -> $"k{i}") @ List.init keys (fun i -> $"v{i}"))

    let task (name: string) pairs keys : Task =
        let tokens = tokens keys

        Determined.task
            name
            tokens
            (2 * pairs + 2)
            (beginnings pairs keys)
            (write pairs keys)
            (complete pairs keys)
            (inputs (Classified.ofToken "right answer" tokens (2 * pairs + 1)) pairs keys)
