namespace Interp

open System

/// Values that statistics are taken of.
module internal Samples =

    /// Raises `RefusedException` for no values, and for one that is NaN or infinite: of such no statistic is a number that says something.
    let check (what: string) (values: float[]) =
        if values.Length = 0 then
            Refused.because $"{what} wants at least one value."

        match values |> Array.tryFindIndex (Double.IsFinite >> not) with
        | Some i ->
            Refused.because
                $"{what} wants finite numbers, value {i + 1} of {values.Length} is {Quote.number values[i]}."
        | None -> ()

    /// The arithmetic mean of finite values, which is finite even where their sum is not.
    let mean (values: float[]) =
        let mean = Array.average values
        let count = float values.Length

        if Double.IsFinite mean then
            mean
        else
            values |> Array.sumBy (fun x -> x / count)

    /// `share` of the way from one finite number to another.
    let between (share: float) (a: float) (b: float) =
        let whole = b - a

        if Double.IsFinite whole then
            a + share * whole
        else
            (1.0 - share) * a + share * b

    /// The values over a power of two that leaves the largest magnitude in [1, 2), and that power's exponent: squares and sums of
    /// these never overflow.
    let scaled (values: float[]) =
        match values |> Array.fold (fun most x -> max most (abs x)) 0.0 with
        | 0.0 -> values, 0
        | largest ->
            let exponent = Math.ILogB largest
            values |> Array.map (fun x -> Math.ScaleB(x, -exponent)), exponent
