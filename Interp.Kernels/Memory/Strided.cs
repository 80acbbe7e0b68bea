using System.Runtime.Intrinsics;

namespace Interp.Kernels;

/// <summary>Copies between strided views: transposes, slices, concatenations.</summary>
public static unsafe class Strided
{
    /// <summary>
    /// result[resultOffset + sum of i resultStrides] = source[sourceOffset + sum of i sourceStrides] for every index i of the shape.
    /// Strides and offsets count elements of <paramref name="lanes"/> floats each. The two must not overlap; other elements of the result stay as they are.
    /// </summary>
    /// <param name="shape">The lengths of the axes, outermost first; 16 at most.</param>
    /// <param name="sourceStrides">The source's strides, one for each axis.</param>
    /// <param name="sourceOffset">Where the source's first element is.</param>
    /// <param name="source">What is copied.</param>
    /// <param name="resultStrides">The result's strides, one for each axis.</param>
    /// <param name="resultOffset">Where the result's first element is.</param>
    /// <param name="result">Where it goes.</param>
    /// <param name="lanes">Floats an element: 1 or 16.</param>
    /// <exception cref="ArgumentException">
    /// The strides do not match the shape, a stride, length or offset is negative, there are not 1 or 16 lanes, or an operand is shorter than the strides reach.
    /// </exception>
    public static void Copy(
        int[] shape,
        int[] sourceStrides,
        int sourceOffset,
        ReadOnlySpan<float> source,
        int[] resultStrides,
        int resultOffset,
        Span<float> result,
        int lanes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sourceOffset);
        ArgumentOutOfRangeException.ThrowIfNegative(resultOffset);
        Guard.LaneCount(lanes);
        Span<int> length = stackalloc int[Axes.Most];
        Span<int> from = stackalloc int[Axes.Most];
        Span<int> to = stackalloc int[Axes.Most];
        Span<int> unused = stackalloc int[Axes.Most];
        var count = Axes.Merge(shape, sourceStrides, resultStrides, resultStrides, length, from, to, unused);
        if (Axes.Size(shape) == 0)
        {
            return;
        }

        Guard.Length(source.Length, ((long)sourceOffset + Axes.Extent(shape, sourceStrides)) * lanes);
        Guard.Length(result.Length, ((long)resultOffset + Axes.Extent(shape, resultStrides)) * lanes);
        fixed (float* x = source, r = result)
        {
            Walk(length[..count], from, to, x + ((nint)sourceOffset * lanes), r + ((nint)resultOffset * lanes), lanes);
        }
    }

    private static void Walk(ReadOnlySpan<int> length, ReadOnlySpan<int> from, ReadOnlySpan<int> to, float* source, float* result, int lanes)
    {
        if (length.Length == 0)
        {
            new ReadOnlySpan<float>(source, lanes).CopyTo(new Span<float>(result, lanes));
            return;
        }

        nint sourceStep = (nint)from[0] * lanes;
        nint resultStep = (nint)to[0] * lanes;
        if (length.Length > 1)
        {
            for (nint i = 0; i < length[0]; i++)
            {
                Walk(length[1..], from[1..], to[1..], source + (i * sourceStep), result + (i * resultStep), lanes);
            }
        }
        else if (from[0] == 1 && to[0] == 1)
        {
            new ReadOnlySpan<float>(source, length[0] * lanes).CopyTo(new Span<float>(result, length[0] * lanes));
        }
        else if (lanes == 1)
        {
            for (nint i = 0; i < length[0]; i++)
            {
                result[i * resultStep] = source[i * sourceStep];
            }
        }
        else
        {
            for (nint i = 0; i < length[0]; i++)
            {
                Vector512.Load(source + (i * sourceStep)).Store(result + (i * resultStep));
            }
        }
    }
}
