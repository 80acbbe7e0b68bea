namespace Interp

/// Random letters, a stretch of which returns; and pairs of key and value.
module internal Induction =

    // Two letters are the least of which the second can be foretold.
    let private shortest = 2

    /// Sequence number `index`: four words for the stretch, one for each letter. The stretch has from 2 letters to half of the sequence's;
    /// two places, drawn among the letters that are left, say how many stand before it and before its return.
    let write length letters key index (places: int[]) =
        let first = uint64 index * uint64 (1 + (length + 3) / 4)
        let words = Key.block first key
        let stretch = shortest + Key.below (uint32 (length / 2 - shortest + 1)) words.A
        let left = uint32 (length - 2 * stretch + 1)
        let one, other = Key.below left words.B, Key.below left words.C
        let start, back = min one other, max one other + stretch
        Key.fold (first + 1UL) length key () (fun () i word -> places[i] <- Key.below (uint32 letters) word)
        System.Array.Copy(places, start, places, back, stretch)

    /// Bayes' rule over every stretch and return. With A(i) the sum over all of them of their chance, times `letters` for each of the first
    /// i letters that they foretold, none of them wrong, letter i has the probability A(i+1) / (letters A(i)).
    let losses length letters : int[] -> float[] -> unit =
        let longest = length / 2

        // The chance of a stretch's length, of one pair of ordered places.
        let chance =
            Array.init (longest + 1) (fun stretch ->
                if stretch < shortest then
                    0.0
                else
                    let left = float (length - 2 * stretch + 1)
                    1.0 / (float (longest - shortest + 1) * left * left))

        let upTo = Array.scan (+) 0.0 chance
        let powers = Array.init (longest + 1) (fun k -> float letters ** float k)

        /// That of the stretches of `low` to `high` letters that return `lag` letters on: two orders of two places, one where they are one.
        let between low high lag =
            if high < low then
                0.0
            else
                2.0 * (upTo[high + 1] - upTo[low]) - (if low <= lag && lag <= high then chance[lag] else 0.0)

        // Of those that return at i or later, [pos+1].
        let unbegun =
            let begun = Array.zeroCreate (length + 1)

            for back in shortest .. length - 1 do
                for lag in shortest..back do
                    begun[back] <- begun[back] + between shortest (min (min lag longest) (length - back)) lag

            Array.scanBack (+) begun 0.0

        let sums: float[] = Array.zeroCreate (length + 1)
        let ended: float[] = Array.zeroCreate (length + 2)

        fun places losses ->
            System.Array.Copy(unbegun, sums, length + 1)
            System.Array.Clear ended

            for lag in shortest .. length - 1 do
                let mutable run = 0

                for back in length - 1 .. -1 .. lag do
                    run <- if places[back] = places[back - lag] then run + 1 else 0
                    let high = min (min lag longest) (length - back)

                    for k in 1 .. min run high do
                        sums[back + k] <- sums[back + k] + powers[k] * between (max k shortest) high lag

                        if k >= shortest then
                            ended[back + k + 1] <- ended[back + k + 1] + powers[k] * between k k lag

            let mutable over = 0.0

            for i in 0..length do
                over <- over + ended[i]
                sums[i] <- sums[i] + over

            for place in 1 .. length - 1 do
                losses[place - 1] <- log (float letters * sums[place] / sums[place + 1])

    /// The floor by `count` sequences of a key.
    let floor length letters : Key -> int -> Floor =
        FloorEstimate.floor [ 1 .. length - 1 ] length (write length letters) (losses length letters)

    let task (name: string) length letters : Task = {
        Task.ofLetters name letters length (write length letters) with
            Floor =
                lazy
                    (let pairs = int64 length * int64 length / 2L

                     // Beyond this the powers are more than a number holds.
                     if float (length / 2) * log (float letters) > 600.0 then
                         None
                     else
                         FloorEstimate.sequences (pairs + 8L * pairs / int64 letters)
                         |> Option.map (floor length letters FloorEstimate.key))
    }
