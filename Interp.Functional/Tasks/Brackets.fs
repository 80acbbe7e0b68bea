namespace Interp

/// Balanced brackets, all sequences of a length equally likely.
module internal Brackets =

    // Tokens are the opening brackets of every kind, then the closing ones.

    /// What closes the last bracket that is open before a place.
    let private closing kinds (places: int[]) place =
        let mutable closed = 0
        let mutable i = place - 1

        while closed > 0 || places[i] >= kinds do
            closed <- closed + (if places[i] >= kinds then 1 else -1)
            i <- i - 1

        kinds + places[i]

    /// With `left` tokens to come and `depth` brackets open, this share of what balances goes on with an opening one: `fst` of `snd` (Arnold
    /// and Sleep, "Uniform random generation of balanced parenthesis strings", 1980).
    let private opening left depth = struct (uint32 ((depth + 2) * (left - depth)), uint32 (2 * left * (depth + 1)))

    /// Sequence number `index`: two words a token, one for whether it opens and one for its kind.
    let private write kinds length key index (places: int[]) =
        Key.fold (uint64 index * uint64 ((2 * length + 3) / 4)) (2 * length) key 0 (fun depth i word ->
            let place = i / 2

            if i % 2 = 0 then
                let struct (some, all) = opening (length - place) depth

                if uint32 (Key.below all word) < some then
                    places[place] <- -1
                    depth + 1
                else
                    places[place] <- closing kinds places place
                    depth - 1
            else
                (if places[place] < 0 then
                     places[place] <- Key.below (uint32 kinds) word)

                depth)
        |> ignore

    /// How likely each depth is before a place gives the entropy of what stands there.
    let private floor kinds length : Floor =
        let share place depth =
            let struct (some, all) = opening (length - place) depth
            float some / float all

        let term p = if p > 0.0 then -p * log p else 0.0

        // The entropy of a place, and from the chances of depths before it to those behind it.
        let next (depths: float[]) place =
            let after: float[] = Array.zeroCreate depths.Length
            let mutable entropy = 0.0

            for depth in 0 .. min place (length - place) do
                let p = share place depth
                entropy <- entropy + depths[depth] * (term p + term (1.0 - p) + p * log (float kinds))
                after[depth + 1] <- after[depth + 1] + p * depths[depth]

                if depth > 0 then
                    after[depth - 1] <- after[depth - 1] + (1.0 - p) * depths[depth]

            entropy, after

        let start = Array.init (length / 2 + 2) (fun depth -> if depth = 0 then 1.0 else 0.0)
        let entropies, _ = List.mapFold next start [ 0 .. length - 1 ]
        { PerPosition = List.tail entropies; StandardError = 0.0 }

    // Shapes of more pairs, Catalan's numbers, are more than 64 bits count.
    let private mostPairs = 36

    /// By how many brackets are open at once at most.
    let private depths kinds pairs : InputClasses = {
        Kind = "brackets open at once"
        Names = lazy Array.init (pairs + 1) string
        Of =
            fun input ->
                let mutable depth = 0
                let mutable most = 0

                for bracket in input do
                    depth <- if bracket < kinds then depth + 1 else depth - 1
                    most <- max most depth

                most
    }

    let private inputs kinds length =
        let pairs = length / 2

        if pairs > mostPairs then
            None
        else
            // Ways from a depth to balance in so many tokens: [left][depth]; of depths that a balanced sequence can have then.
            let ways =
                Array.scan
                    (fun (fewer: uint64[]) left ->
                        Array.init (pairs + 2) (fun depth ->
                            if depth > min left (length - left) then
                                0UL
                            else
                                fewer[depth + 1] + (if depth > 0 then fewer[depth - 1] else 0UL)))
                    (Array.init (pairs + 2) (fun depth -> if depth = 0 then 1UL else 0UL))
                    [| 1..length |]

            let kindings = Enumeration.power kinds pairs

            let count = kindings |> Option.bind (fun kindings -> Enumeration.product [ ways[length][0]; kindings ])

            Enumeration.inputs count length (depths kinds pairs) (fun i places ->
                let struct (shape, kinding) = System.Math.DivRem(i, kindings.Value)
                let mutable rank = shape
                let mutable kindsLeft = kinding
                let mutable depth = 0

                for place in 0 .. length - 1 do
                    let opened = if depth + 1 <= pairs then ways[length - place - 1][depth + 1] else 0UL

                    if rank < opened then
                        let struct (quotient, kind) = System.Math.DivRem(kindsLeft, uint64 kinds)
                        places[place] <- int kind
                        kindsLeft <- quotient
                        depth <- depth + 1
                    else
                        rank <- rank - opened
                        places[place] <- closing kinds places place
                        depth <- depth - 1)

    // The brackets that keyboards have; with more kinds than these they have numbers.
    let private pairsOfBrackets = [ "(", ")"; "[", "]"; "{", "}"; "<", ">" ]

    let private tokens kinds =
        let open', close =
            if kinds <= pairsOfBrackets.Length then
                List.unzip (List.take kinds pairsOfBrackets)
            else
                List.init kinds (fun kind -> $"({kind}"), List.init kinds (fun kind -> $"){kind}")

        Vocabulary.ofNames (open' @ close)

    let task (name: string) kinds length : Task = {
        Task.create name (tokens kinds) length [ 1 .. length - 1 ] (write kinds length) with
            Floor = lazy Some(floor kinds length)
            Inputs = inputs kinds length
    }
