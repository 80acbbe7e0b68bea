namespace Interp

/// Letters, a separator, and the same letters in another order.
module internal Rewriting =

    // The name of the separator; its token comes behind the letters.
    let private separator = "|"

    /// What stands behind the separator, from what stands before it, in one array.
    type private Rule = int -> int[] -> unit

    let private copied: Rule = fun count places -> System.Array.Copy(places, 0, places, count + 1, count)

    let private reversed: Rule =
        fun count places ->
            copied count places
            System.Array.Reverse(places, count + 1, count)

    let private sorted: Rule =
        fun count places ->
            copied count places
            System.Array.Sort(places, count + 1, count)

    let private finish count letters (rule: Rule) (places: int[]) =
        places[count] <- letters
        rule count places

    let private write count letters (rule: Rule) key index (places: int[]) =
        Key.fold (uint64 index * uint64 ((count + 3) / 4)) count key () (fun () i word ->
            places[i] <- Key.below (uint32 letters) word)

        finish count letters rule places

    let private complete count letters rule (beginning: int[]) =
        let isLetter token = token >= 0 && token < letters

        if Array.forall isLetter beginning[.. count - 1] && beginning[count] = letters then
            let places = Array.zeroCreate (2 * count + 1)
            System.Array.Copy(beginning, places, count)
            finish count letters rule places
            Some places
        else
            None

    let private task rule (name: string) count letters : Task =
        Determined.task
            name
            (Vocabulary.lettersAnd [ separator ] letters)
            (2 * count + 1)
            (List.replicate (count - 1) (log (float letters)) @ [ 0.0 ])
            (write count letters rule)
            (complete count letters rule)
            (Enumeration.inputs
                (Enumeration.power letters count)
                (2 * count + 1)
                (Classified.equality letters count)
                (fun i places ->
                    Enumeration.digits letters 0 count places i |> ignore
                    finish count letters rule places))

    let copy: string -> int -> int -> Task = task copied
    let reverse: string -> int -> int -> Task = task reversed
    let sort: string -> int -> int -> Task = task sorted
