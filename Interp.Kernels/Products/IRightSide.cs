using System.Runtime.CompilerServices;

namespace Interp.Kernels;

/// <summary>How a product reads its right-hand side: the elements at one k, one for each of the tile's columns, each read when it is needed.</summary>
internal unsafe interface IRightSide<V, Self> : IRow<V>
    where V : struct
    where Self : struct, IRightSide<V, Self>
{
    /// <summary>The elements at k. <paramref name="depth"/> says where they begin, in elements of 16 lanes, or is null where they are packed.</summary>
    static abstract Self At(float* start, nint* depth, nint k, int columns);
}

/// <summary>One number for all lanes, packed: the columns of a tile at k, then those at k + 1.</summary>
internal readonly unsafe struct SharedRightSide<O, V>(float* at) : IRightSide<V, SharedRightSide<O, V>>
    where O : struct, ILanes<V>
    where V : struct
{
    public V this[int column]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => O.Create(at[column]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SharedRightSide<O, V> At(float* start, nint* depth, nint k, int columns) => new(start + (k * columns));
}

/// <summary>A number for each lane, the columns of a tile next to one another.</summary>
internal readonly unsafe struct LanesRightSide<O, V>(float* at) : IRightSide<V, LanesRightSide<O, V>>
    where O : struct, ILanes<V>
    where V : struct
{
    public V this[int column]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => O.Load(at + (column * O.Stride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesRightSide<O, V> At(float* start, nint* depth, nint k, int columns) => new(start + (depth[k] * Guard.Lanes));
}
