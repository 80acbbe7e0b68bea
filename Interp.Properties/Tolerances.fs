/// How far a number of the core (float32) may be off, each bound with where it comes from. Laws that are exact have none:
/// they compare bits.
module Interp.Properties.Tolerances

/// The unit roundoff of float32: half the distance from 1 to the next number.
let private unitRoundoff = 2.0 ** -24.0

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
