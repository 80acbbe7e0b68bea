using System.Runtime.CompilerServices;

namespace Interp.Kernels;

/// <summary>Three times as many columns of a tile as <typeparamref name="T"/> has.</summary>
internal struct ThriceAsWide<V, C, T>(T left, T middle, T right) : ITile<V, C>
    where V : struct
    where C : struct, IColumn<V, C>
    where T : struct, ITile<V, C>
{
    public static int Width
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 3 * T.Width;
    }

    public V this[int row, int column]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => column < T.Width ? left[row, column] : column < 2 * T.Width ? middle[row, column - T.Width] : right[row, column - (2 * T.Width)];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Load<P>(in C rows, P columns, int column = 0)
        where P : struct, IOffsets
    {
        left.Load(in rows, columns, column);
        middle.Load(in rows, columns, column + T.Width);
        right.Load(in rows, columns, column + (2 * T.Width));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store<P>(in C rows, P columns, nint from, int slope, nint to, int column = 0)
        where P : struct, IOffsets
    {
        left.Store(in rows, columns, from, slope, to, column);
        middle.Store(in rows, columns, from + (slope * T.Width), slope, to, column + T.Width);
        right.Store(in rows, columns, from + (2 * slope * T.Width), slope, to, column + (2 * T.Width));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add<P>(in C rows, P columns, int column = 0)
        where P : struct, IOffsets
    {
        left.Add(in rows, columns, column);
        middle.Add(in rows, columns, column + T.Width);
        right.Add(in rows, columns, column + (2 * T.Width));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void MultiplyAdd<Y>(in C x, in Y y, int from, int slope, int to, int column = 0)
        where Y : struct, IRow<V>
    {
        left.MultiplyAdd(in x, in y, from, slope, to, column);
        middle.MultiplyAdd(in x, in y, from + (slope * T.Width), slope, to, column + T.Width);
        right.MultiplyAdd(in x, in y, from + (2 * slope * T.Width), slope, to, column + (2 * T.Width));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Multiply(V factor)
    {
        left.Multiply(factor);
        middle.Multiply(factor);
        right.Multiply(factor);
    }
}
