using System.Runtime.CompilerServices;

namespace Interp.Kernels;

/// <summary>How a tile reads its right-hand operand.</summary>
internal unsafe interface IOperand<V>
    where V : struct
{
    /// <summary>Where the elements at k begin, one for each of the tile's columns.</summary>
    static abstract float* At(float* start, nint* depth, nint k, nint columns);

    static abstract V Load(float* source, int column);
}

/// <summary>One number for all lanes, packed: the columns of a tile at k, then those at k + 1.</summary>
internal readonly unsafe struct SharedOperand<O, V> : IOperand<V>
    where O : struct, ILanes<V>
    where V : struct
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float* At(float* start, nint* depth, nint k, nint columns) => start + (k * columns);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(float* source, int column) => O.Create(source[column]);
}

/// <summary>A number for each of 16 lanes, the columns of a tile next to one another.</summary>
internal readonly unsafe struct LaneOperand<O, V> : IOperand<V>
    where O : struct, ILanes<V>
    where V : struct
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float* At(float* start, nint* depth, nint k, nint columns) => start + (depth[k] * Guard.Lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(float* source, int column) => O.Load(source + (column * Guard.Lanes));
}
