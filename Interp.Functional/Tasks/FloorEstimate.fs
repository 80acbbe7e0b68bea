namespace Interp

/// Floors by simulation: the mean loss of the best predictor over sequences of the task.
module internal FloorEstimate =

    /// What floors of tasks are simulated with. A child of its key shares no random numbers with batches.
    let key = Key.ofSeed 0UL |> Key.split 1000UL

    // Some tenths of a second; fewer sequences say nothing, more do not tell more than anyone reads.
    let private operations, private least, private most = 40_000_000L, 200L, 10_000L

    /// How many sequences are simulated where one costs so many operations; none where they would take too long.
    let sequences (cost: int64) : int option =
        match operations / max 1L cost with
        | count when count < least -> None
        | count -> Some(int (min most count))

    /// The floor as the mean over `count` sequences of a key. `losses` writes the loss of the best predictor at each token but the first of
    /// a sequence, in nats, into an array [pos-1].
    let floor
        (counted: int list)
        length
        (write: Key -> int -> int[] -> unit)
        (losses: int[] -> float[] -> unit)
        (key: Key)
        count
        : Floor =
        let places = Array.zeroCreate length
        let one = Array.zeroCreate (length - 1)
        let sums = Array.zeroCreate (length - 1)
        let counted = Array.ofList counted

        let means =
            Array.init count (fun i ->
                write key i places
                losses places one

                for place in 0 .. length - 2 do
                    sums[place] <- sums[place] + one[place]

                counted |> Array.averageBy (fun place -> one[place - 1]))

        let mean = Array.average means

        let variance =
            means
            |> Array.sumBy (fun x -> (x - mean) * (x - mean))
            |> fun sum -> sum / float (max 1 (count - 1))

        {
            PerPosition = sums |> Array.map (fun sum -> sum / float count) |> List.ofArray
            StandardError = sqrt (variance / float count)
        }
