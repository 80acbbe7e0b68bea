using Interp.Host.Wording;

namespace Interp.Host.Results;

/// <summary>A null distribution as a reader wants it.</summary>
internal static class NullWords
{
    extension(Words)
    {
        /// <summary>What random weights show of a score: "0.004 ± 0.070 (−0.140 to 0.136)".</summary>
        public static string Null(NullDistribution baseline)
        {
            ArgumentNullException.ThrowIfNull(baseline);
            return $"{Words.Third(baseline.Mean)}\u00A0±\u00A0{Words.Third(baseline.Std)} ({Words.Range(baseline)})";
        }

        /// <summary>From the 2.5th to the 97.5th percentile of random weights: "−0.140 to 0.136".</summary>
        public static string Range(NullDistribution baseline)
        {
            ArgumentNullException.ThrowIfNull(baseline);
            return $"{Words.Third(baseline.P025)}\u00A0to\u00A0{Words.Third(baseline.P975)}";
        }
    }
}
