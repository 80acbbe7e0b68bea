using System.Runtime.Intrinsics;

namespace Interp.Kernels;

/// <summary>Sums over axes, over lanes and over rows. Every sum over axes or rows is a chain over its inputs in the order in which they lie in memory.</summary>
public static unsafe class Reduction
{
    /// <summary>
    /// The sum over the axes that vanish, over <paramref name="divisor"/>; 0 where they are empty. Sum and quotient are float64, rounded once: a sum of a few terms
    /// is as good as exact, and a mean is finite where its terms are.
    /// </summary>
    /// <exception cref="ArgumentException">An operand or the result is shorter than the layout needs.</exception>
    public static void Sum(ReductionLayout layout, ReadOnlySpan<float> x, double divisor, Span<float> result)
    {
        Guard.Length(x.Length, layout.Size);
        Guard.Length(result.Length, layout.ResultLength);
        var n = layout.ResultLength;
        using var scratch = new Scratch(checked(2 * n));
        fixed (float* source = x, s = scratch.Span)
        {
            var totals = (double*)Scratch.Align(s);
            new Span<double>(totals, n).Clear();
            if (layout.Size > 0)
            {
                Walk(layout, 0, source, totals);
            }

            for (var i = 0; i < n; i++)
            {
                result[i] = (float)(totals[i] / divisor);
            }
        }
    }

    /// <summary>result[e] = the sum of the 16 lanes of x[e], by halving: lane j + lane j+8, then j+4, j+2, j+1.</summary>
    /// <param name="x">16 floats an element.</param>
    /// <param name="result">One float an element.</param>
    /// <exception cref="ArgumentException">The result has fewer floats than x has elements.</exception>
    public static void SumLanes(ReadOnlySpan<float> x, Span<float> result)
    {
        Guard.Length(result.Length, x.Length / Guard.Lanes);
        fixed (float* source = x, target = result)
        {
            LaneSum.Of(source, target, x.Length / Guard.Lanes);
        }
    }

    /// <summary>Adds <paramref name="count"/> rows, each as long as the total, one after the other to the total, in float64.</summary>
    /// <exception cref="ArgumentException">There are fewer rows than <paramref name="count"/>.</exception>
    public static void Accumulate(ReadOnlySpan<float> rows, int count, Span<double> total)
    {
        Guard.Length(rows.Length, (long)count * total.Length);
        nint width = total.Length;
        fixed (float* source = rows)
        fixed (double* target = total)
        {
            for (var i = Columns(source, width, target, width, count); i < width; i++)
            {
                for (nint row = 0; row < count; row++)
                {
                    target[i] += source[(row * width) + i];
                }
            }
        }
    }

    /// <summary>
    /// The sum of the squares of all numbers, in float64, in which a square of a float32 number is exact: number i is added to the chain i mod 8, each in the
    /// order of the numbers, then the eight chains one after the other.
    /// </summary>
    public static double SumOfSquares(ReadOnlySpan<float> x)
    {
        var chains = stackalloc double[8];
        fixed (float* source = x)
        {
            var low = Vector256<double>.Zero;
            var high = Vector256<double>.Zero;
            nint i = 0;
            for (; i <= x.Length - 8; i += 8)
            {
                var (first, second) = Vector256.Widen(Vector256.Load(source + i));
                low += first * first;
                high += second * second;
            }

            low.Store(chains);
            high.Store(chains + 4);
            for (var chain = 0; i < x.Length; i++, chain++)
            {
                chains[chain] += (double)source[i] * source[i];
            }
        }

        var sum = 0.0;
        for (var chain = 0; chain < 8; chain++)
        {
            sum += chains[chain];
        }

        return sum;
    }

    /// <summary>result = x, each rounded to the nearest float32 (ties to even).</summary>
    /// <exception cref="ArgumentException">The result is shorter than x.</exception>
    public static void Round(ReadOnlySpan<double> x, Span<float> result)
    {
        Guard.Length(result.Length, x.Length);
        fixed (double* source = x)
        fixed (float* target = result)
        {
            nint i = 0;
            for (; i <= x.Length - 8; i += 8)
            {
                Vector256.Narrow(Vector256.Load(source + i), Vector256.Load(source + i + 4)).Store(target + i);
            }

            for (; i < x.Length; i++)
            {
                target[i] = (float)source[i];
            }
        }
    }

    private static void Walk(ReductionLayout layout, int axis, float* source, double* totals)
    {
        nint count = layout.Shape[axis];
        nint sourceStep = layout.Source[axis];
        nint totalStep = layout.Result[axis];
        if (axis < layout.Shape.Length - 2)
        {
            for (nint i = 0; i < count; i++)
            {
                Walk(layout, axis + 1, source + (i * sourceStep), totals + (i * totalStep));
            }

            return;
        }

        nint inner = layout.Shape[axis + 1];
        nint innerStep = layout.Result[axis + 1];
        nint done = 0;
        if (totalStep == 0 && innerStep == 1)
        {
            done = Columns(source, sourceStep, totals, inner, count);
        }

        for (nint i = 0; i < count; i++)
        {
            for (var j = done; j < inner; j++)
            {
                totals[(i * totalStep) + (j * innerStep)] += source[(i * sourceStep) + j];
            }
        }
    }

    /// <summary>Each column of the source added to one total, eight columns at a time. Returns how many columns are done.</summary>
    private static nint Columns(float* source, nint sourceStep, double* totals, nint n, nint count)
    {
        nint done = 0;
        for (; done <= n - 8; done += 8)
        {
            var low = Vector256.Load(totals + done);
            var high = Vector256.Load(totals + done + 4);
            for (nint i = 0; i < count; i++)
            {
                var (first, second) = Vector256.Widen(Vector256.Load(source + (i * sourceStep) + done));
                low += first;
                high += second;
            }

            low.Store(totals + done);
            high.Store(totals + done + 4);
        }

        return done;
    }
}
