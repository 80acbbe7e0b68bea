namespace Interp

/// What a misspelt word may have meant.
module internal Spelling =

    // A longer word is compared by its beginning.
    let private longest = 60

    /// Letters to insert, delete or exchange to make one text of another (Levenshtein 1966).
    let private distance (a: string) (b: string) =
        let next (row: int list) letter =
            List.zip (List.pairwise row) (List.ofSeq b)
            |> List.scan
                (fun left ((diagonal, above), other) ->
                    min (1 + min left above) (diagonal + (if letter = other then 0 else 1)))
                (row.Head + 1)

        Seq.fold next [ 0 .. b.Length ] a |> List.last

    /// Those of some words that look most like a text; none where all differ in more than `furthest` letters.
    let within (furthest: int) (words: string list) (text: string) : string list =
        let text = text[.. longest - 1]
        let least = words |> List.map (distance text) |> List.min

        if least > furthest then
            []
        else
            words |> List.filter (fun word -> distance text word = least)

    /// Those of some words that look most like a text.
    let nearest (words: string list) (text: string) : string list = within System.Int32.MaxValue words text
