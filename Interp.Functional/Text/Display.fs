namespace Interp

open System
open System.Globalization

/// How values show themselves in F# Interactive and to "%A": in lines of at most 100 columns, few of them, numbers rounded. What a
/// type shows is its property `Display`, which `StructuredFormatDisplay` names.
module internal Display =

    /// Columns of a line.
    let width = 100

    let private culture = CultureInfo.InvariantCulture

    /// A text in one line, its middle left out where it is longer than `most`.
    let within (most: int) (text: string) : string =
        if text.Length <= most then
            text
        else
            let before = (most - 1) / 2
            text.Substring(0, before) + "…" + text.Substring(text.Length - (most - 1 - before))

    /// A text in one line of the full width.
    let line (text: string) : string = within width text

    /// Lines one below the other, the middle ones left out where they are more than `most`.
    let lines (most: int) (all: string list) : string =
        let shown =
            if all.Length <= most then
                all
            else
                let before = most / 2
                let after = most - 1 - before

                List.take before all
                @ [ $"… {all.Length - before - after} more" ]
                @ List.skip (all.Length - after) all

        shown |> List.map line |> String.concat "\n"

    /// A heading, and below it what something shows.
    let under (heading: string) (shown: string) : string =
        heading :: [ for line in shown.Split '\n' -> "  " + line ] |> lines 40

    /// Decimals with which numbers up to a magnitude have some significant digits, once they are rounded; none where they are better shown as
    /// powers of ten.
    let private decimals (digits: int) (largest: float) : int option =
        if largest = 0.0 then
            Some 0
        elif largest < 1e-3 || largest >= 1e6 then
            None
        else
            let places = digits - 1 - int (floor (log10 largest))
            // 9.9996 becomes 10.00.
            let carried = Math.Round(largest * Math.Pow(10.0, float places)) >= Math.Pow(10.0, float digits)
            Some(max 0 (if carried then places - 1 else places))

    let private rounded (decimals: int option) (x: float) : string =
        if not (Double.IsFinite x) then
            Quote.number x
        else
            let text =
                match decimals with
                | Some decimals -> x.ToString($"F{decimals}", culture)
                | None when x = 0.0 -> "0"
                | None -> x.ToString("0.000e+00", culture)

            // What is rounded to nothing has no sign.
            if text.StartsWith '-' && text |> Seq.forall (fun c -> "-0.".Contains c) then
                text.Substring 1
            else
                text

    let private isWhole (x: float) = Double.IsFinite x && x = round x && abs x < 1e6

    let private significant digits (x: float) =
        if isWhole x then rounded (Some 0) x else rounded (decimals digits (abs x)) x

    /// A number in four significant digits; a whole one as it is.
    let number (x: float) : string = significant 4 x

    /// A number in two significant digits; a whole one as it is.
    let brief (x: float) : string = significant 2 x

    /// How numbers are shown below one another: all with the same decimals, so that the largest has four significant digits.
    let alike (numbers: float seq) : float -> string =
        let finite = numbers |> Seq.filter Double.IsFinite |> Seq.toArray

        if finite |> Array.forall isWhole then
            rounded (Some 0)
        else
            rounded (decimals 4 (finite |> Array.fold (fun most x -> max most (abs x)) 0.0))

    /// A share in per cent, with one decimal.
    let percent (share: float) : string =
        if Double.IsFinite share then
            rounded (Some 1) (100.0 * share) + " %"
        else
            Quote.number share

    /// A whole number with its thousands apart.
    let count (n: int64) : string = n.ToString("N0", culture)

    /// "1 head", "4 heads"
    let counted (n: int) (thing: string) : string = if n = 1 then $"1 {thing}" else $"{count n} {thing}s"

    /// The first and the last of so many places, `most` of them at most, and none for those between.
    let ends (most: int) (n: int) : int option list =
        if n <= most then
            List.init n Some
        else
            let before = (most + 1) / 2
            List.init before Some @ [ None ] @ List.init (most - before) (fun i -> Some(n - most + before + i))

    /// Cells below one another in columns as wide as their widest: the first columns to the left, the others to the right.
    let columns (left: int) (rows: string list list) : string list =
        let widths = rows |> List.map (List.map String.length) |> List.reduce (List.map2 max)

        rows
        |> List.map (fun row ->
            List.zip widths row
            |> List.mapi (fun i (width, cell) -> if i < left then cell.PadRight width else cell.PadLeft width)
            |> String.concat "  "
            |> _.TrimEnd())

    /// A heading, and below it at most 24 rows under their names, the first columns to the left and the others to the right.
    let table (left: int) (heading: string) (names: string list) (rows: string list list) : string =
        let shown = ends 24 rows.Length

        let cells =
            shown
            |> List.map (function
                | Some row -> rows[row] |> List.map (within 60)
                | None -> "…" :: List.replicate (names.Length - 1) "")

        heading :: (columns left (names :: cells) |> List.map (fun line -> "  " + line)) |> lines 30

    // A token's name may be a word.
    let private nameWidth = 12

    /// Rows and columns of numbers, each under its name where there are names; the middle is left out, as much as makes lines fit.
    let matrix
        (mostRows: int)
        (names: (string list * string list) option)
        (rows: int)
        (width': int)
        (at: int -> int -> float)
        : string list =
        let name which i = names |> Option.map (fun names -> within nameWidth (List.item i (which names)))

        let shown most =
            let down, across = ends mostRows rows, ends most width'

            let text =
                alike [
                    for row in List.choose id down do
                        for column in List.choose id across -> at row column
                ]

            let heading = [
                if names.IsSome then
                    "" :: [ for column in across -> column |> Option.bind (name snd) |> Option.defaultValue "…" ]
            ]

            let body = [
                for row in down ->
                    [
                        if names.IsSome then
                            row |> Option.bind (name fst) |> Option.defaultValue "…"

                        for column in across do
                            match row, column with
                            | Some row, Some column -> text (at row column)
                            | _ -> "…"
                    ]
            ]

            columns (if names.IsSome then 1 else 0) (heading @ body) |> List.map (fun line -> "  " + line)

        // Twenty numbers of three characters each fill a line.
        seq { 20..-1..1 }
        |> Seq.map shown
        |> Seq.find (fun lines -> lines |> List.forall (fun line -> line.Length <= width))
