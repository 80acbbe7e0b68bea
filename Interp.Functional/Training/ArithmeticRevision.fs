namespace Interp

/// Which bits a training comes to.
module ArithmeticRevision =

    /// The revision that this version computes by; every file of a run or a study carries it. The same configuration comes to the same
    /// bits under one revision, and to others under another, so numbers of two revisions are not mixed.
    ///
    /// 1. Version 0.1.0 and what followed it; files without a revision are of this one.
    /// 2. Cross-entropy and its derivative are taken from shifted logits, division divides (IEEE) instead of multiplying by a
    ///    reciprocal, sums and means over axes are float64 rounded once, and the slope of the logistic function does not vanish.
    ///
    /// One is added by a change that is meant to move a bit of some training, together with the weights in `ReproducibilityTests`.
    let current = 2

    /// The revision of files that carry none.
    let first = 1

    /// Whether the machine has the fused multiply-adds that every sum is a chain of. Without them, the same bits take about twenty times as long.
    let internal isInHardware = Interp.Kernels.Fused.InHardware

    /// The key under which files carry it.
    let name = "arithmetic_revision"

    /// Half a sentence on numbers that are not of this version's revision.
    let problem (found: int) : string option =
        if found = current then
            None
        else
            Some
                $"its numbers were made under revision {found} of the arithmetic, and this version computes under revision {current}, which comes to other bits"
