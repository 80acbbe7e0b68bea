namespace Interp

/// Kinds of inputs.
module internal Classified =

    // Bell's number of eight letters, 4,140, is below, that of nine above: nobody reads a longer table.
    let private most = 5000UL

    /// By the token at a place.
    let ofToken (kind: string) (tokens: Vocabulary) (place: int) : InputClasses = {
        Kind = kind
        Names = lazy Array.init tokens.Size (Vocabulary.name tokens)
        Of = fun input -> input[place]
    }

    /// By the number of different tokens among the first `count`.
    let different (count: int) : InputClasses = {
        Kind = "different tokens"
        Names = lazy Array.init count (fun i -> string (i + 1))
        Of =
            fun input ->
                let mutable different = 0

                for place in 0 .. count - 1 do
                    if System.Array.IndexOf(input, input[place], 0, place) < 0 then
                        different <- different + 1

                different - 1
    }

    /// In how many ways further tokens can equal each other and earlier ones, by how many come and how many different ones there have been:
    /// [left][different]. With as many letters as there are blocks at most, these are sums of Stirling's numbers of the second kind.
    let private ways (letters: int) (count: int) : uint64[][] =
        let next (fewer: uint64[]) =
            Array.init (count + 1) (fun different ->
                let again = uint64 different * fewer[different]
                let fresh = if different < min letters count then fewer[different + 1] else 0UL
                // Far above `most` it does not matter how far.
                min (again + fresh) (1UL <<< 32))

        [ 1..count ] |> List.scan (fun fewer _ -> next fewer) (Array.create (count + 1) 1UL) |> List.toArray

    /// The ways in which the first `count` tokens can be equal or not, AAAAAA to ABCDEF, in the order of the alphabet; where these are more than
    /// a table has, the number of different tokens.
    let equality (letters: int) (count: int) : InputClasses =
        let ways = ways letters count
        let all = ways[count][0]

        if all > most then
            different count
        else
            let name number =
                let mutable left = number
                let mutable distinct = 0

                String.init count (fun place ->
                    let each = ways[count - 1 - place][distinct]
                    let letter = min (uint64 distinct) (left / each)
                    left <- left - letter * each

                    if letter = uint64 distinct then
                        distinct <- distinct + 1

                    string (char (int 'A' + int letter)))

            {
                Kind = "equality pattern"
                Names = lazy Array.init (int all) (uint64 >> name)
                Of =
                    fun input ->
                        let mutable number = 0UL
                        let mutable distinct = 0
                        // Letters of the pattern so far, four bits a place.
                        let mutable letters = 0UL

                        for place in 0 .. count - 1 do
                            let first = System.Array.IndexOf(input, input[place], 0, place)

                            let letter = if first < 0 then uint64 distinct else (letters >>> (4 * first)) &&& 15UL

                            number <- number + letter * ways[count - 1 - place][distinct]
                            letters <- letters ||| (letter <<< (4 * place))

                            if first < 0 then
                                distinct <- distinct + 1

                        int number
            }
