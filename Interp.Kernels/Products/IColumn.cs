namespace Interp.Kernels;

/// <summary>The rows of a tile: of each a value, in a register, and where it begins in memory.</summary>
/// <remarks>
/// How many rows there are is part of the type, and every method is inlined: so the compiler sees each value and keeps it in a register, which it does not do for an
/// array. The rows that an operation means are from <c>from</c> up to but not including <c>to</c>, where constants cost nothing.
/// </remarks>
internal unsafe interface IColumn<V, C> : IRow<V>
    where V : struct
    where C : struct, IColumn<V, C>
{
    /// <summary>How many rows there are.</summary>
    static abstract int Height { get; }

    /// <summary>Each row begins where its offset, in elements of 16 lanes, says.</summary>
    void Begin(float* start, nint* offsets);

    /// <summary>Each row begins that many floats after the one before; those after the last begin where it does.</summary>
    void Begin(float* start, nint step, nint last);

    /// <summary>Reads the values that lie that many floats into the rows.</summary>
    void Load(nint offset, int from, int to);

    /// <summary>Reads the values that lie that many floats into the given rows.</summary>
    void Load(in C rows, nint offset);

    /// <summary>Writes the values that many floats into the given rows.</summary>
    void Store(in C rows, nint offset, nint from, nint to);

    /// <summary>Adds the values to those that lie that many floats into the given rows.</summary>
    void Add(in C rows, nint offset);

    /// <summary>Adds the values of x times y, each rounded once.</summary>
    void MultiplyAdd(in C x, V y, int from, int to);

    void Multiply(V factor);
}
