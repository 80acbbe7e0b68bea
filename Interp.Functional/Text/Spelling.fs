namespace Interp

/// What a misspelt word may have meant.
module internal Spelling =

    // A longer word is compared by its beginning.
    let private longest = 60

    /// Letters to insert, delete or exchange to make one text of another (Levenshtein 1966).
    let private distance (a: string) (b: string) =
        // Two rows of the table, in turn.
        let rows = Array.init 2 (fun _ -> Array.init (b.Length + 1) id)

        for i in 0 .. a.Length - 1 do
            let above, row = rows[i % 2], rows[(i + 1) % 2]
            row[0] <- i + 1

            for j in 0 .. b.Length - 1 do
                row[j + 1] <- min (1 + min row[j] above[j + 1]) (above[j] + (if a[i] = b[j] then 0 else 1))

        rows[a.Length % 2][b.Length]

    // Of a word that is written in part, or with an ending of its own: shorter beginnings are of many words.
    let private beginning = 3

    let private begins (longer: string) (shorter: string) =
        shorter.Length >= beginning && longer.StartsWith(shorter, System.StringComparison.Ordinal)

    let private least (furthest: int) (apart: string -> string -> int) (words: string list) (text: string) =
        let text = text[.. longest - 1]
        let distances = words |> List.map (fun word -> word, apart text word)
        let least = distances |> List.map snd |> List.min

        if least > furthest then
            []
        else
            distances |> List.filter (snd >> (=) least) |> List.map fst

    /// Those of some words that look most like a text: few letters apart, else where one is the other's beginning; none where all differ in
    /// more than `furthest` letters.
    let within (furthest: int) (words: string list) (text: string) : string list =
        match least furthest distance words text with
        | [] -> words |> List.filter (fun word -> begins text word || begins word text)
        | near -> near

    /// Those of some words that look most like a text.
    let nearest (words: string list) (text: string) : string list = least System.Int32.MaxValue distance words text
