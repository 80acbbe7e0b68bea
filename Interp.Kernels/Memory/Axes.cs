namespace Interp.Kernels;

/// <summary>Axes of a walk over one or two strided operands, with neighbours merged wherever both run on.</summary>
internal static class Axes
{
    public const int Most = 16;

    /// <summary>
    /// Drops axes of length 1 and merges an axis with the next inner one where both operands' strides allow it. Writes the merged axes to the given spans,
    /// outermost first, and returns how many there are; the product of no axes is a single element.
    /// </summary>
    public static int Merge(
        ReadOnlySpan<int> shape,
        ReadOnlySpan<int> firstStrides,
        ReadOnlySpan<int> secondStrides,
        ReadOnlySpan<int> thirdStrides,
        Span<int> length,
        Span<int> first,
        Span<int> second,
        Span<int> third)
    {
        if (firstStrides.Length != shape.Length || secondStrides.Length != shape.Length || thirdStrides.Length != shape.Length)
        {
            throw new ArgumentException(
                $"A shape of {shape.Length} axes has strides of {firstStrides.Length}, {secondStrides.Length} and {thirdStrides.Length}.", nameof(shape));
        }

        if (shape.Length > Most)
        {
            throw new ArgumentException($"A tensor has at most {Most} axes, not {shape.Length}.", nameof(shape));
        }

        var count = 0;
        for (var axis = 0; axis < shape.Length; axis++)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(shape[axis], nameof(shape));
            if (shape[axis] == 1)
            {
                continue;
            }

            var last = count - 1;
            if (count > 0
                && first[last] == firstStrides[axis] * shape[axis]
                && second[last] == secondStrides[axis] * shape[axis]
                && third[last] == thirdStrides[axis] * shape[axis])
            {
                length[last] *= shape[axis];
                (first[last], second[last], third[last]) = (firstStrides[axis], secondStrides[axis], thirdStrides[axis]);
            }
            else
            {
                length[count] = shape[axis];
                (first[count], second[count], third[count]) = (firstStrides[axis], secondStrides[axis], thirdStrides[axis]);
                count++;
            }
        }

        return count;
    }

    /// <summary>The strides of a contiguous row-major tensor.</summary>
    public static int[] RowMajor(int[] shape)
    {
        var strides = new int[shape.Length];
        for (int axis = shape.Length - 1, size = 1; axis >= 0; axis--)
        {
            strides[axis] = size;
            size = checked(size * shape[axis]);
        }

        return strides;
    }

    public static int Size(ReadOnlySpan<int> shape)
    {
        var size = 1;
        foreach (var n in shape)
        {
            size = checked(size * n);
        }

        return size;
    }

    /// <summary>The least length of an operand that these strides walk over.</summary>
    public static int Extent(ReadOnlySpan<int> shape, ReadOnlySpan<int> strides)
    {
        var extent = 1;
        for (var axis = 0; axis < shape.Length; axis++)
        {
            if (shape[axis] == 0)
            {
                return 0;
            }

            if (strides[axis] < 0)
            {
                throw new ArgumentException($"Stride {strides[axis]} of axis {axis} is negative.", nameof(strides));
            }

            extent = checked(extent + ((shape[axis] - 1) * strides[axis]));
        }

        return extent;
    }
}
