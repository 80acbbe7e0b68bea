namespace Interp.Kernels;

/// <summary>
/// Where the elements of two operands lie that are walked over one shape: strides of each in floats, 0 where an operand is repeated along an axis. The result is
/// contiguous and row-major. A lane axis, if there is one, is simply the last.
/// </summary>
public sealed class BroadcastLayout
{
    /// <param name="shape">The lengths of the result's axes, outermost first; 16 at most.</param>
    /// <param name="aStrides">The first operand's strides, one for each axis.</param>
    /// <param name="bStrides">The second operand's strides, one for each axis.</param>
    /// <exception cref="ArgumentException">There are not as many strides as axes, there are more than 16 axes, or a stride or length is negative.</exception>
    /// <exception cref="OverflowException">The shape has more elements than an <see cref="int"/> counts.</exception>
    public BroadcastLayout(int[] shape, int[] aStrides, int[] bStrides)
    {
        var result = Axes.RowMajor(shape);
        Span<int> length = stackalloc int[Axes.Most];
        Span<int> a = stackalloc int[Axes.Most];
        Span<int> b = stackalloc int[Axes.Most];
        Span<int> r = stackalloc int[Axes.Most];
        var count = Axes.Merge(shape, aStrides, bStrides, result, length, a, b, r);
        Size = Axes.Size(shape);
        ALength = Axes.Extent(shape, aStrides);
        BLength = Axes.Extent(shape, bStrides);
        // At least two axes, so that the two innermost are always there to loop over.
        var pad = Math.Max(0, 2 - count);
        Shape = [.. Enumerable.Repeat(1, pad), .. length[..count]];
        A = [.. new int[pad], .. a[..count]];
        B = [.. new int[pad], .. b[..count]];
    }

    /// <summary>Floats in the result.</summary>
    internal int Size { get; }

    /// <summary>The least number of floats that the first operand must have.</summary>
    internal int ALength { get; }

    /// <summary>The least number of floats that the second operand must have.</summary>
    internal int BLength { get; }

    internal int[] Shape { get; }

    internal int[] A { get; }

    internal int[] B { get; }
}
