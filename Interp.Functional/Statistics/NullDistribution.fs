namespace Interp

/// What a score is worth: its distribution over models that were never trained.
type NullDistribution = {
    /// Random models behind it, or heads of such.
    Samples: int
    /// The mean.
    Mean: float
    /// Standard deviation.
    Std: float
    /// 2.5th percentile.
    P025: float
    /// 97.5th percentile.
    P975: float
}

/// A score, its null distribution, and where it stands there.
type Compared = {
    /// The trained model's.
    Score: float
    /// Random weights'.
    Null: NullDistribution
    /// Share of the null distribution below the score.
    Standing: float
}

/// Null distributions: a score taken from random weights of the same shapes, drawn as weights are before training.
module NullDistribution =

    // Any fixed seed will do; it is fixed so that a score's null distribution is always the same.
    let private key = Key.ofSeed 0x6E756C6CUL

    /// At least `count` values of something that gives one value or more a model.
    let draw (a: Architecture) (count: int) (measure: Model<Tensor> -> 'value list) : 'value list =
        Seq.initInfinite (fun i -> measure (Model.initialise a (Key.split (uint64 i) key)))
        |> Seq.scan (fun (taken: 'value list list, total) values -> values :: taken, total + values.Length) ([], 0)
        |> Seq.find (fun (_, total) -> total >= count)
        |> fst
        |> List.concat

    /// At least `count` values of a score that gives one value or more a model, ascending.
    let samples (a: Architecture) (count: int) (score: Model<Tensor> -> float list) : float[] =
        draw a count score |> List.sort |> List.toArray

    /// The value below which a share of the ascending samples lies, between samples by proportion.
    let percentile (share: float) (samples: float[]) =
        let place = share * float (samples.Length - 1)
        let below = int place
        let above = min (samples.Length - 1) (below + 1)
        samples[below] + (place - float below) * (samples[above] - samples[below])

    /// The distribution of ascending samples.
    let ofSamples (samples: float[]) : NullDistribution =
        let mean = Array.average samples

        {
            Samples = samples.Length
            Mean = mean
            Std =
                sqrt ((samples |> Array.sumBy (fun x -> (x - mean) * (x - mean))) / float (max 1 (samples.Length - 1)))
            P025 = percentile 0.025 samples
            P975 = percentile 0.975 samples
        }

    /// Share of the samples below a value: where it stands in its null distribution. What is no number stands nowhere: NaN.
    let standing (value: float) (samples: float[]) =
        if System.Double.IsNaN value then
            nan
        else

            float (samples |> Array.filter (fun x -> x < value) |> Array.length) / float samples.Length

    /// A score beside ascending samples of its null distribution.
    let compare (samples: float[]) (score: float) : Compared = {
        Score = score
        Null = ofSamples samples
        Standing = standing score samples
    }

    /// Whether a score is outside of what 95 % of random weights show.
    let stands (compared: Compared) = compared.Score < compared.Null.P025 || compared.Score > compared.Null.P975
