namespace Interp

/// What a score is worth: its distribution over models that were never trained.
[<StructuredFormatDisplay("{Display}")>]
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
} with

    member internal this.Display =
        Display.line
            $"{Display.number this.Mean} ± {Display.number this.Std}, 95 %% from {Display.number this.P025} to {Display.number this.P975}, {Display.count (int64 this.Samples)} samples"


/// A score, its null distribution, and where it stands there.
[<StructuredFormatDisplay("{Display}")>]
type Compared = {
    /// The trained model's.
    Score: float
    /// Random weights'.
    Null: NullDistribution
    /// Share of the null distribution below the score; NaN for a score that is NaN.
    Standing: float
} with

    member internal this.Display =
        Display.line
            $"{Display.number this.Score}, above {Display.percent this.Standing} of random weights ({Display.number this.Null.P025} to {Display.number this.Null.P975})"


/// Null distributions: a score taken from random weights of the same shapes, drawn as weights are before training.
module NullDistribution =

    // Any fixed seed will do; it is fixed so that a score's null distribution is always the same.
    let private key = Key.ofSeed 0x6E756C6CUL

    /// Models with random weights of a shape, without end: the same for whatever is measured of them.
    let internal models (a: Architecture) : Model<Tensor> seq =
        Seq.initInfinite (fun i -> Model.initialise a (Key.split (uint64 i) key))

    /// At least `count` values of something that gives one value or more a model, from the first of some models on.
    let internal drawFrom
        (models: Model<Tensor> seq)
        (count: int)
        (measure: Model<Tensor> -> 'value list)
        : 'value list =
        Seq.map measure models
        |> Seq.scan (fun (taken: 'value list list, total) values -> values :: taken, total + values.Length) ([], 0)
        |> Seq.find (fun (_, total) -> total >= count)
        |> fst
        |> List.concat

    /// At least `count` values of something that gives one value or more a model.
    let draw (a: Architecture) (count: int) (measure: Model<Tensor> -> 'value list) : 'value list =
        drawFrom (models a) count measure

    /// At least `count` values of a score that gives one value or more a model, ascending.
    let samples (a: Architecture) (count: int) (score: Model<Tensor> -> float list) : float[] =
        draw a count score |> List.sort |> List.toArray

    /// The value below which a share of the ascending samples lies, between samples by proportion. Raises `RefusedException` for a share
    /// outside of 0 to 1, for no samples, and for samples that are not finite.
    let percentile (share: float) (samples: float[]) =
        // Written so that NaN fails.
        if not (0.0 <= share && share <= 1.0) then
            Refused.because $"The percentile's share is {Quote.number share}, expected a number from 0 to 1."

        Samples.check "A percentile" samples
        let place = share * float (samples.Length - 1)
        let below = int place
        let above = min (samples.Length - 1) (below + 1)
        Samples.between (place - float below) samples[below] samples[above]

    /// The distribution of ascending samples; the standard deviation of one sample is 0. Raises `RefusedException` for no samples, and for
    /// samples that are not finite.
    let ofSamples (samples: float[]) : NullDistribution =
        Samples.check "A distribution" samples
        // No square overflows.
        let scaled, exponent = Samples.scaled samples
        let centre = Samples.mean scaled
        let squares = scaled |> Array.sumBy (fun x -> (x - centre) * (x - centre))

        {
            Samples = samples.Length
            Mean = Samples.mean samples
            Std = System.Math.ScaleB(sqrt (squares / float (max 1 (samples.Length - 1))), exponent)
            P025 = percentile 0.025 samples
            P975 = percentile 0.975 samples
        }

    /// Share of the samples below a value: where it stands in its null distribution. NaN for a value that is NaN, which stands nowhere. Raises
    /// `RefusedException` for no samples, and for samples that are not finite.
    let standing (value: float) (samples: float[]) =
        Samples.check "A standing" samples

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

    /// Whether a score is outside of what 95 % of random weights show; a NaN is not.
    let stands (compared: Compared) = compared.Score < compared.Null.P025 || compared.Score > compared.Null.P975
