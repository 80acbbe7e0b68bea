using System.Runtime.Intrinsics;

namespace Interp.Kernels;

/// <summary>Sums over axes, over lanes and over rows. Every result is a chain over its inputs in the order in which they lie in memory, unless said otherwise.</summary>
public static unsafe class Reduction
{
    /// <summary>The sum over the axes that vanish, 0 where they are empty.</summary>
    /// <exception cref="ArgumentException">An operand or the result is shorter than the layout needs.</exception>
    public static void Sum(ReductionLayout layout, ReadOnlySpan<float> x, Span<float> result)
    {
        Guard.Length(x.Length, layout.Size);
        Guard.Length(result.Length, layout.ResultLength);
        result[..layout.ResultLength].Clear();
        if (layout.Size == 0)
        {
            return;
        }

        fixed (float* source = x, target = result)
        {
            Walk(layout, 0, source, target);
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
            nint i = 0;
            for (; i <= width - 8; i += 8)
            {
                var low = Vector256.Load(target + i);
                var high = Vector256.Load(target + i + 4);
                for (nint row = 0; row < count; row++)
                {
                    var (first, second) = Vector256.Widen(Vector256.Load(source + (row * width) + i));
                    low += first;
                    high += second;
                }

                low.Store(target + i);
                high.Store(target + i + 4);
            }

            for (; i < width; i++)
            {
                for (nint row = 0; row < count; row++)
                {
                    target[i] += source[(row * width) + i];
                }
            }
        }
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

    private static void Walk(ReductionLayout layout, int axis, float* source, float* result)
    {
        nint count = layout.Shape[axis];
        nint sourceStep = layout.Source[axis];
        nint resultStep = layout.Result[axis];
        if (axis < layout.Shape.Length - 2)
        {
            for (nint i = 0; i < count; i++)
            {
                Walk(layout, axis + 1, source + (i * sourceStep), result + (i * resultStep));
            }

            return;
        }

        nint inner = layout.Shape[axis + 1];
        nint innerStep = layout.Result[axis + 1];
        if (resultStep == 0 && innerStep == 1)
        {
            nint done = 0;
            if (Vector512.IsHardwareAccelerated)
            {
                done = Columns<Lanes16, Vector512<float>>(source, sourceStep, result, done, inner, count);
            }

            done = Columns<Lanes8, Vector256<float>>(source, sourceStep, result, done, inner, count);
            Columns<Lane1, float>(source, sourceStep, result, done, inner, count);
            return;
        }

        for (nint i = 0; i < count; i++)
        {
            Row(source + (i * sourceStep), result + (i * resultStep), inner, innerStep);
        }
    }

    /// <summary>Each column of the source added to one element of the result.</summary>
    private static nint Columns<O, V>(float* source, nint sourceStep, float* result, nint from, nint n, nint count)
        where O : struct, ILanes<V>
        where V : struct
    {
        for (; from <= n - O.Width; from += O.Width)
        {
            var total = O.Load(result + from);
            for (nint i = 0; i < count; i++)
            {
                total = O.Add(total, O.Load(source + from + (i * sourceStep)));
            }

            O.Store(total, result + from);
        }

        return from;
    }

    private static void Row(float* source, float* result, nint n, nint step)
    {
        if (step == 0)
        {
            var total = *result;
            for (nint j = 0; j < n; j++)
            {
                total += source[j];
            }

            *result = total;
            return;
        }

        nint done = 0;
        if (step == 1)
        {
            for (; done <= n - Lanes8.Width; done += Lanes8.Width)
            {
                Lanes8.Store(Lanes8.Add(Lanes8.Load(result + done), Lanes8.Load(source + done)), result + done);
            }
        }

        for (; done < n; done++)
        {
            result[done * step] += source[done];
        }
    }
}
