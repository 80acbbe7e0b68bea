namespace Interp.Kernels;

/// <summary>
/// Where the elements of a contiguous row-major tensor go when it is summed over some of its axes: strides of the result in floats, 0 along the axes that vanish.
/// A lane axis, if there is one, is simply the last.
/// </summary>
public sealed class ReductionLayout
{
    /// <param name="shape">The lengths of the operand's axes, outermost first; 16 at most.</param>
    /// <param name="resultStrides">The result's strides, one for each axis of the operand.</param>
    /// <exception cref="ArgumentException">There are not as many strides as axes, there are more than 16 axes, or a stride or length is negative.</exception>
    /// <exception cref="OverflowException">The shape has more elements than an <see cref="int"/> counts.</exception>
    public ReductionLayout(int[] shape, int[] resultStrides)
    {
        var row = Axes.RowMajor(shape);
        Span<int> length = stackalloc int[Axes.Most];
        Span<int> source = stackalloc int[Axes.Most];
        Span<int> result = stackalloc int[Axes.Most];
        Span<int> unused = stackalloc int[Axes.Most];
        var count = Axes.Merge(shape, row, resultStrides, row, length, source, result, unused);
        Size = Axes.Size(shape);
        // Where nothing is summed, the axes that stay still have their elements, and each is 0.
        var kept = shape.Where((_, axis) => resultStrides[axis] != 0).ToArray();
        ResultLength = Math.Max(Axes.Size(kept), Axes.Extent(shape, resultStrides));
        // At least two axes, so that the two innermost are always there to loop over.
        var pad = Math.Max(0, 2 - count);
        Shape = [.. Enumerable.Repeat(1, pad), .. length[..count]];
        Source = [.. new int[pad], .. source[..count]];
        Result = [.. new int[pad], .. result[..count]];
    }

    /// <summary>Floats in the operand.</summary>
    internal int Size { get; }

    /// <summary>The least number of floats that the result must have.</summary>
    internal int ResultLength { get; }

    internal int[] Shape { get; }

    internal int[] Source { get; }

    internal int[] Result { get; }
}
