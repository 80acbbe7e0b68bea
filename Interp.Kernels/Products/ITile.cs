namespace Interp.Kernels;

/// <summary>The sums of a register tile, all in registers: columns side by side, one, or two or three times as many as another tile has.</summary>
/// <remarks>
/// How many columns there are is part of the type, as are the rows of <see cref="IColumn{V, C}"/>. The rows that an operation means are from <c>from</c> up to but not
/// including <c>to</c>, where each column begins <c>slope</c> rows below the one before: a triangle has slope 1. <c>column</c> is the first column's number.
/// The compiler stops inlining at a fixed number of variables and at an amount of code that grows with the method it began with; beyond that a tile is four times as
/// slow, as `kernels` among the benchmarks shows. This is why loops over the depth stand in the tiles' own methods.
/// </remarks>
internal interface ITile<V, C>
    where V : struct
    where C : struct, IColumn<V, C>
{
    /// <summary>How many columns there are.</summary>
    static abstract int Width { get; }

    /// <summary>A column's sums.</summary>
    C this[int column] { get; }

    /// <summary>Reads the sums.</summary>
    void Load<P>(in C rows, P columns, int column = 0)
        where P : struct, IOffsets;

    /// <summary>Writes the sums.</summary>
    void Store<P>(in C rows, P columns, nint from, int slope, nint to, int column = 0)
        where P : struct, IOffsets;

    /// <summary>Adds the sums to what memory holds.</summary>
    void Add<P>(in C rows, P columns, int column = 0)
        where P : struct, IOffsets;

    /// <summary>Adds each row's x times each column's y, rounded once.</summary>
    void MultiplyAdd<Y>(in C x, in Y y, int from, int slope, int to, int column = 0)
        where Y : struct, IRow<V>;

    void Multiply(V factor);
}
