using System.Runtime.Intrinsics;

namespace Interp.Kernels;

/// <summary>What sixteen sequences, each in a lane, add to sums over many: in double precision, and in one order whatever the machine.</summary>
public static unsafe class SequenceTotals
{
    /// <summary>sums[r] = the sum over lanes of weights[lane] * values[r], lane j + lane j+8 first, then j+4, j+2, j+1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number of rows is negative.</exception>
    /// <exception cref="ArgumentException">An operand or the result is shorter than the sizes say.</exception>
    public static void OfRows(ReadOnlySpan<float> values, ReadOnlySpan<double> weights, Span<double> sums, int rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        Guard.Length(values.Length, (long)rows * Guard.Lanes);
        Guard.Length(weights.Length, Guard.Lanes);
        Guard.Length(sums.Length, rows);
        fixed (float* x = values)
        fixed (double* w = weights)
        {
            Vector512<double> low = Vector512.Load(w), high = Vector512.Load(w + 8);
            for (var row = 0; row < rows; row++)
            {
                var (first, last) = Vector512.Widen(Vector512.Load(x + (row * Guard.Lanes)));
                var eight = (first * low) + (last * high);
                var four = eight.GetLower() + eight.GetUpper();
                var two = four.GetLower() + four.GetUpper();
                sums[row] = two.ToScalar() + two.GetElement(1);
            }
        }
    }

    /// <summary>
    /// For each lane the sum of <paramref name="losses"/> [rows], and the number of rows whose target is ahead of every other entry of <paramref name="logits"/> [rows,
    /// width], over the rows that are counted; and the least of the leads, a target's logit less the largest other one, over those that are judged: +infinity where
    /// there is no other, NaN where a logit is NaN.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A target is not an integer in [0, width), or the width is negative.</exception>
    /// <exception cref="ArgumentException">An operand or a result is shorter than the sizes say.</exception>
    public static void OfLanes(
        ReadOnlySpan<float> losses,
        ReadOnlySpan<float> logits,
        ReadOnlySpan<float> targets,
        int width,
        ReadOnlySpan<bool> counted,
        ReadOnlySpan<bool> judged,
        Span<double> sums,
        Span<float> right,
        Span<float> least)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(width);
        Guard.Length(losses.Length, (long)counted.Length * Guard.Lanes);
        Guard.Length(logits.Length, (long)counted.Length * width * Guard.Lanes);
        Guard.Length(targets.Length, (long)counted.Length * Guard.Lanes);
        Guard.Index(targets[..(counted.Length * Guard.Lanes)], width);
        Guard.Length(judged.Length, counted.Length);
        Guard.Length(sums.Length, Guard.Lanes);
        Guard.Length(right.Length, Guard.Lanes);
        Guard.Length(least.Length, Guard.Lanes);
        fixed (float* loss = losses, x = logits, target = targets, r = right, l = least)
        fixed (double* s = sums)
        {
            Vector512<double> low = Vector512<double>.Zero, high = low;
            var hits = Vector512<float>.Zero;
            var smallest = Vector512.Create(float.PositiveInfinity);
            for (var row = 0; row < counted.Length; row++)
            {
                if (!counted[row] && !judged[row])
                {
                    continue;
                }

                var lead = Lead(x + ((nint)row * width * Guard.Lanes), Vector512.Load(target + (row * Guard.Lanes)), width);
                if (counted[row])
                {
                    var (first, last) = Vector512.Widen(Vector512.Load(loss + (row * Guard.Lanes)));
                    low += first;
                    high += last;
                    hits += Vector512.GreaterThan(lead, Vector512<float>.Zero) & Vector512<float>.One;
                }

                if (judged[row])
                {
                    // What is no number stays.
                    smallest = Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(lead, smallest) | ~Vector512.Equals(smallest, smallest), smallest, lead);
                }
            }

            low.Store(s);
            high.Store(s + 8);
            hits.Store(r);
            smallest.Store(l);
        }
    }

    private static Vector512<float> Lead(float* x, Vector512<float> target, int width)
    {
        var nothing = Vector512.Create(float.NegativeInfinity);
        Vector512<float> own = Vector512<float>.Zero, best = nothing, number = own;
        for (nint i = 0; i < width; i++)
        {
            var entry = Vector512.Load(x + (i * Guard.Lanes));
            var isOwn = Vector512.Equals(number, target);
            own = Vector512.ConditionalSelect(isOwn, entry, own);
            var other = Vector512.ConditionalSelect(isOwn, nothing, entry);
            best = Vector512.ConditionalSelect(Vector512.GreaterThan(best, other) | ~Vector512.Equals(best, best), best, other);
            number += Vector512<float>.One;
        }

        return own - best;
    }
}
