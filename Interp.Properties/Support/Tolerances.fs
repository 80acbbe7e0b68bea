/// How far a number of the core (float32) may be off, each bound with where it comes from. Laws that are exact have none:
/// they compare bits.
module Interp.Properties.Tolerances

/// The unit roundoff of float32: half the distance from 1 to the next number.
let unitRoundoff = 2.0 ** -24.0

/// exp and log in float64, relative: three roundings of the last operations, and one of what they are held against.
let double = 4.0 * 2.0 ** -53.0

/// A primitive's value against its definition, relative to the largest term that enters it. At most 64 rounded operations
/// lie on the way to an element of the cases drawn (sums of up to 64 terms with an exponential, good to 4 roundoffs, in each),
/// and the errors of n operations add up to at most n roundoffs.
let value = 64.0 * unitRoundoff

/// A derivative against differences of the definition, relative to the sum of the magnitudes of what the directional derivative
/// sums up: a rule is a chain of at most four primitives. The differences themselves are good to 1e-9 (`step`).
let derivative = 4.0 * value

/// A second derivative against second differences: the rule of a rule, so a chain of up to sixteen primitives.
let secondDerivative = 16.0 * value

/// Step of central differences in float64: rounding costs 1e-16 / h, the third derivative h^2, both about 1e-10.
let step = 1e-5

/// Step of second differences: rounding costs 1e-16 / h^2 and the fourth derivative h^2, both about 1e-8.
let secondStep = 1e-4

/// Softmax shifted by a whole number up to 8: the shifted scores are rounded at numbers up to 16, which the exponential turns
/// into a relative error of 16 roundoffs, and the sum of up to 40 of them adds as many.
let shift = 64.0 * unitRoundoff

/// The sum of a row of up to 40 shares: one roundoff each, and the exponentials' and the quotient's.
let rowSum = 64.0 * unitRoundoff

/// A whole model's logits or gradients computed in another order, relative to the largest entry: some ten primitives in a row,
/// each within `value`; in the study's models 1e-6 for logits and 6e-6 for gradients was found against an independent program.
let model = 10.0 * value

/// Rotary positions: an entry is a sum of two products with rounded sines and cosines, and two vectors of up to eight random entries have
/// a product of their lengths of 25 or less: a dozen roundings of numbers of that size, where the result itself may be below 1.
let rotary = 300.0 * unitRoundoff

/// A table between letters put together of its factors, relative to its largest entry: what is left below 1e-12 of that is taken for rounding, and
/// forty steps of elimination round numbers of its size to 1e-16 each.
let factors = 1e-12 + 80.0 * 2.0 ** -53.0

/// One AdamW step against its formula in float64, relative to the magnitudes that are added: some eight roundings in a row, and
/// the float32 roundings of 1 - beta, lr and the corrections.
let optimizer = 16.0 * unitRoundoff

/// Eigenvalues in float64 of products whose entries are exact float32 numbers: 1e-16 times the condition of a random matrix'
/// eigenvalues, which stays below 1e7.
let eigenvalues = 1e-9

/// Eigenvalues of a matrix balanced and as it is: where two of a random matrix' are close, they move by the square root of the 1e-16 that
/// each is good to, times their condition.
let balanced = 1e-6

/// The eigenvalues 1 +- sqrt(xy) of [[1, x], [y, 1]], x and y being 1e30 and 1e-30 rounded to float32.
let badlyScaled = 2.0 * unitRoundoff

/// Scores against float64 scores of full products, which add the rounding noise of their zero eigenvalues; a trained model's
/// nearly defective circuits turn 1e-16 into as much as this.
let scores = 1e-4

/// Scores where eigenvalues are well apart.
let wellConditionedScores = 1e-6

/// The reference's logits and patterns, relative to the largest entry: both programs round float32 sums of a few dozen terms
/// in different orders; 1e-6 was found.
let referenceLogits = 4e-6

/// The reference's gradients, relative to the largest entry of each weight's: two float32 programs, each some twenty roundings
/// deep with cancellation; 5.3e-6 was found.
let referenceGradient = 1e-5

/// A mean over random sequences against another one over other sequences: this many standard errors of the difference. A
/// miss has a chance of 6e-7, and the sequences are the same ones each time.
let standardErrors = 5.0

/// Weights turned by a matrix of condition four and turned back: a few dozen rounded operations, four times as large.
let symmetry = 4.0 * model

/// Eigenvalue scores of circuits turned that way: the weights' roundoff times the condition of the eigenvalues of small random
/// matrices, which reaches some hundreds among the cases drawn.
let rotatedScores = 1e-3

/// How far a head is faded, or weights are moved, for central differences in float32, which are taken at half of it, too, and
/// extrapolated: rounding costs 1e-7 / h, about 1e-5 of a loss of a nat, and the fourth power of h is no more than that.
let fading = 1e-2

/// A slope extrapolated from such differences of losses, relative to 1 and the slope, beside the differences' own difference:
/// random models lose up to 30 nats, good to a roundoff (2e-6), which 3 / h makes 5e-4; 1e-4 was found among 4,000 models.
let fadingSlope = 5e-4

/// Differences of float32 gradients that far apart, extrapolated, relative to the largest entry; their rounding is allowed for beside.
let gradientDifference = 1e-2

/// Restored shares: differences of logits, each within `model` of the largest, over a difference of `leastDifference` at least.
let restored = 1e-2

/// Where clean and corrupt logits differ by less than this, their rounding would be a share of what there is to restore.
let leastDifference = 0.1

/// No loss of the cases drawn comes near so many nats: two means of the same float32 losses, summed in different orders, are within
/// `model` of it.
let nats = 10.0

/// What is added to a scale that may be zero, or so small that float32 is subnormal there: below 1e-37 it is good to 1e-45 and no better.
let subnormal = 1e-30

/// A letter that is sure by 40 nats of logits or more beside each of 25 others: its loss is 25 e^-40, good to the 40 roundoffs of
/// such an exponent; twice that.
let sureLoss = 2.0 * 25.0 * exp -40.0

/// Nats above a floor of 0 after a training that has as good as reached it. The loss of one that has learned nothing is log 26.
let nearlyTheFloor = 0.05

/// What random heads' scores differ by beside their spread: random heads attend all but evenly, and five standard deviations of theirs are a
/// few per mille.
let randomHeads = 1e-3

/// Counts of random numbers, of which every run of the tests draws others, lie within this many standard deviations of a binomial, whose
/// tail is a little heavier than the normal one.
let countErrors = 7.0

/// Means of random numbers, of which every run of the tests draws others, lie within this many standard errors: a miss has a chance of 2e-9.
let freshErrors = 6.0

/// A slope by differences of float32 losses over a step of 3e-3: they are good to 1e-7 / 3e-3 each way, and the third derivative adds 1e-5;
/// printed with three decimals.
let scriptSlope = 1e-3

/// Lanczos' extreme values against a float32 Hessian: both are good to `secondDerivative` of its norm.
let lanczos = 2.0 * secondDerivative

/// Attention of the hand-built model off its target: scores are at least 15 apart, so e^-15 a key, for up to 24 keys.
let sharpAttention = 1e-5

/// Published numbers printed with four decimals: half of the last one.
let fourDecimals = 0.5e-4

/// Ends of a confidence sequence's interval, which are rounded outwards to nine decimals.
let sequenceEnds = 2e-9

/// A handful of float64 operations on numbers near 1.
let doubles = 1e-12

/// Percentiles of the treated mice's resampled means from 1,000 replications, which is what was published: their standard error is
/// sqrt(0.025 * 0.975 / 1000) over the density there (0.0043 a day below, 0.0026 above, where the tail is longer); three of them.
let miceLow = 3.4

let miceHigh = 5.7

/// A share of 0.025 among 20,000 resamples has a standard error of 0.0011; five of them, and the weight of the likeliest single
/// mean of five values, 5!/5^5 = 0.04, by which a discrete distribution may step over the share.
let resampledShare = 0.0055 + 0.0384

/// That many rounded operations of float32, each good to a roundoff.
let roundings (n: int) = float n * unitRoundoff

/// A chain of n rounded operations (n additions, or n fused multiply-adds) is off by at most n u/(1 - n u) times the sum of
/// the magnitudes of its terms (Higham, Accuracy and Stability of Numerical Algorithms, section 3.1). The last term allows
/// for subnormal results.
let chain n magnitude =
    let nu = roundings n
    nu / (1.0 - nu) * magnitude + 1e-44

/// Exponential and its relatives: half an ulp for each of the last two operations and 1e-8 for the polynomial; within 2 ulp.
let exponential = roundings 4

/// Softmax of n terms whose scores have the given magnitude, relative: the rounding of x - max (as a change of the exponent),
/// two exponentials' errors, the chain of the sum, the reciprocal and the product.
let softmax n magnitude = 2.0 * exponential + unitRoundoff * (2.0 * magnitude + float n + 3.0)

/// Pearson's statistic of so many degrees of freedom: it is above d + 2 sqrt(d t) + 2 t less often than e^-t (Laurent and Massart, "Adaptive
/// estimation of a quadratic functional by model selection", 2000, lemma 1), and t = 25 makes 1e-11 of that. The statistic has the
/// distribution in the limit; where at least 5 are expected in a cell, and 20 in nearly all, 25 leaves room for the difference.
let chiSquare (degrees: int) =
    let d, t = float degrees, 25.0
    d + 2.0 * sqrt (d * t) + 2.0 * t

/// An explanation of tables against the model of which they are, relative to the largest logit: float32 sums of the same terms in another
/// order, and the tables are rounded from float64.
let explanation = 1e-5

/// Means of float64 figures of some thousand predictions, and of their squares, summed in different orders, relative to 1 and the mean:
/// a thousand roundings of 1e-16 of figures up to some hundreds.
let sums = 1e-10

/// Figures of explanations on 40,000 sequences of our own against those of an independent program on as many others: five standard errors of
/// the widest, a KL of 1.65 whose error is 0.003 on each side.
let explanationRows = 0.02

/// A page's runs, in float64, against the program's in float32, relative to the largest logit: the program's roundings alone, some hundred of
/// which lie on the way to a logit of a small model, and more where scores are made of tables; 1.1e-5 of the largest is what independent
/// programs differ by.
let page = 1e-5
