namespace Interp

/// Numbers, and what they come to.
module internal Computed =

    let private areNumbers bound (numbers: int[]) = numbers |> Array.forall (fun n -> n >= 0 && n < bound)

    let private rightAnswer = Classified.ofToken "right answer"

    // The token behind the numbers.
    let private equals = "="

    let private sum modulus a b = (a + b) % modulus

    let private writeSum modulus key index (places: int[]) =
        let words = Key.block (uint64 index) key
        places[0] <- Key.below (uint32 modulus) words.A
        places[1] <- Key.below (uint32 modulus) words.B
        places[2] <- modulus
        places[3] <- sum modulus places[0] places[1]

    let private completeSum modulus (beginning: int[]) =
        if areNumbers modulus beginning[..1] && beginning[2] = modulus then
            Some(Array.append beginning [| sum modulus beginning[0] beginning[1] |])
        else
            None

    /// Two numbers, "=" and their sum modulo `modulus`.
    let add (name: string) modulus : Task =
        let tokens = Vocabulary.numbers modulus [ equals ]

        Determined.task
            name
            tokens
            4
            [ log (float modulus); 0.0 ]
            (writeSum modulus)
            (completeSum modulus)
            (Enumeration.inputs (Enumeration.power modulus 2) 4 (rightAnswer tokens 3) (fun i places ->
                Enumeration.digits modulus 0 2 places i |> ignore
                places[2] <- modulus
                places[3] <- sum modulus places[0] places[1]))

    /// The largest of the first `count` places behind them.
    let private putLargest count (places: int[]) =
        let mutable largest = places[0]

        for i in 1 .. count - 1 do
            largest <- max largest places[i]

        places[count] <- largest

    let private writeMax count numbers key index (places: int[]) =
        Key.fold (uint64 index * uint64 ((count + 3) / 4)) count key () (fun () i word ->
            places[i] <- Key.below (uint32 numbers) word)

        putLargest count places

    let private completeMax count numbers (beginning: int[]) =
        if areNumbers numbers beginning then
            let places = Array.append beginning [| 0 |]
            putLargest count places
            Some places
        else
            None

    /// `count` numbers and the largest of them.
    let max (name: string) count numbers : Task =
        let tokens = Vocabulary.numbers numbers []

        Determined.task
            name
            tokens
            (count + 1)
            (List.replicate (count - 1) (log (float numbers)))
            (writeMax count numbers)
            (completeMax count numbers)
            (Enumeration.inputs
                (Enumeration.power numbers count)
                (count + 1)
                (rightAnswer tokens count)
                (fun i places ->
                    Enumeration.digits numbers 0 count places i |> ignore
                    putLargest count places))
