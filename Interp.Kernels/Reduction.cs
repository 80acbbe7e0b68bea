using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Interp.Kernels;

/// <summary>
/// A contiguous row-major tensor reduced to one with the given element strides, 0 along the axes that vanish. A lane axis, if there is one, is simply the last.
/// </summary>
public sealed class ReductionLayout
{
    /// <exception cref="ArgumentException">The strides do not match the shape, or are negative.</exception>
    public ReductionLayout(int[] shape, int[] resultStrides)
    {
        Size = Axes.Size(shape);
        var kept = shape.Where((_, axis) => resultStrides[axis] != 0).ToArray();
        ResultSize = Axes.Size(kept);
        ResultLength = Math.Max(ResultSize, Axes.Extent(shape, resultStrides));
        var row = Axes.RowMajor(shape);
        Span<int> length = stackalloc int[Axes.Most];
        Span<int> source = stackalloc int[Axes.Most];
        Span<int> result = stackalloc int[Axes.Most];
        Span<int> unused = stackalloc int[Axes.Most];
        var count = Axes.Merge(shape, row, resultStrides, row, length, source, result, unused);
        var pad = Math.Max(0, 2 - count);
        Shape = [.. Enumerable.Repeat(1, pad), .. length[..count]];
        Source = [.. new int[pad], .. source[..count]];
        Result = [.. new int[pad], .. result[..count]];
    }

    /// <summary>Floats in the input.</summary>
    public int Size { get; }

    /// <summary>Elements in the result.</summary>
    public int ResultSize { get; }

    /// <summary>The least number of floats that the result must have.</summary>
    public int ResultLength { get; }

    internal int[] Shape { get; }

    internal int[] Source { get; }

    internal int[] Result { get; }
}

/// <summary>Sums and maxima. Every result is a chain over its inputs in the order in which they lie in memory.</summary>
public static unsafe class Reduction
{
    private interface IFold
    {
        static abstract float Start { get; }

        static abstract V Apply<O, V>(V total, V x)
            where O : struct, ILanes<V>
            where V : struct;
    }

    /// <summary>The sum over the vanishing axes, 0 where they are empty.</summary>
    public static void Sum(ReductionLayout layout, ReadOnlySpan<float> x, Span<float> result) => Fold<SumOf>(layout, x, result);

    /// <summary>The maximum over the vanishing axes, -infinity where they are empty; NaN where the chain meets one.</summary>
    public static void Max(ReductionLayout layout, ReadOnlySpan<float> x, Span<float> result) => Fold<MaxOf>(layout, x, result);

    /// <summary>result[e] = sum of the 16 lanes of x[e], by halving: lane j + lane j+8, then j+4, j+2, j+1.</summary>
    public static void SumLanes(ReadOnlySpan<float> x, Span<float> result)
    {
        Guard.Length(result.Length, x.Length / Guard.Lanes);
        fixed (float* source = x, target = result)
        {
            LaneSum.Of(source, target, x.Length / Guard.Lanes);
        }
    }

    /// <summary>Adds rows of total.Length floats one after the other to the total, in float64.</summary>
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

    /// <summary>result = x, rounded to float32.</summary>
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

    private static void Fold<F>(ReductionLayout layout, ReadOnlySpan<float> x, Span<float> result)
        where F : struct, IFold
    {
        Guard.Length(x.Length, layout.Size);
        Guard.Length(result.Length, layout.ResultLength);
        result[..layout.ResultLength].Fill(F.Start);
        if (layout.Size == 0)
        {
            return;
        }

        fixed (float* source = x, target = result)
        {
            Walk<F>(layout, 0, source, target);
        }
    }

    private static void Walk<F>(ReductionLayout layout, int axis, float* source, float* result)
        where F : struct, IFold
    {
        nint count = layout.Shape[axis];
        nint sourceStep = layout.Source[axis];
        nint resultStep = layout.Result[axis];
        if (axis < layout.Shape.Length - 2)
        {
            for (nint i = 0; i < count; i++)
            {
                Walk<F>(layout, axis + 1, source + (i * sourceStep), result + (i * resultStep));
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
                done = Columns<F, Lanes16, Vector512<float>>(source, sourceStep, result, done, inner, count);
            }

            done = Columns<F, Lanes8, Vector256<float>>(source, sourceStep, result, done, inner, count);
            Columns<F, Lane1, float>(source, sourceStep, result, done, inner, count);
            return;
        }

        for (nint i = 0; i < count; i++)
        {
            Row<F>(source + (i * sourceStep), result + (i * resultStep), inner, innerStep);
        }
    }

    /// <summary>Each column of the source folded into one element of the result.</summary>
    private static nint Columns<F, O, V>(float* source, nint sourceStep, float* result, nint from, nint n, nint count)
        where F : struct, IFold
        where O : struct, ILanes<V>
        where V : struct
    {
        for (; from <= n - O.Width; from += O.Width)
        {
            var total = O.Load(result + from);
            for (nint i = 0; i < count; i++)
            {
                total = F.Apply<O, V>(total, O.Load(source + from + (i * sourceStep)));
            }

            O.Store(total, result + from);
        }

        return from;
    }

    private static void Row<F>(float* source, float* result, nint n, nint step)
        where F : struct, IFold
    {
        if (step == 0)
        {
            var total = *result;
            for (nint j = 0; j < n; j++)
            {
                total = F.Apply<Lane1, float>(total, source[j]);
            }

            *result = total;
            return;
        }

        nint done = 0;
        if (step == 1)
        {
            for (; done <= n - Lanes8.Width; done += Lanes8.Width)
            {
                Lanes8.Store(F.Apply<Lanes8, Vector256<float>>(Lanes8.Load(result + done), Lanes8.Load(source + done)), result + done);
            }
        }

        for (; done < n; done++)
        {
            result[done * step] = F.Apply<Lane1, float>(result[done * step], source[done]);
        }
    }

    private readonly struct SumOf : IFold
    {
        public static float Start => 0f;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<O, V>(V total, V x)
            where O : struct, ILanes<V>
            where V : struct => O.Add(total, x);
    }

    private readonly struct MaxOf : IFold
    {
        public static float Start => float.NegativeInfinity;

        // total > x ? total : x takes a NaN x; a NaN total must be kept by hand.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<O, V>(V total, V x)
            where O : struct, ILanes<V>
            where V : struct => O.IfEqual(total, total, O.Max(total, x), total);
    }
}
