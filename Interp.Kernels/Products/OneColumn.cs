using System.Runtime.CompilerServices;

namespace Interp.Kernels;

/// <summary>One column of a tile.</summary>
internal struct OneColumn<V, C>(C sums) : ITile<V, C>
    where V : struct
    where C : struct, IColumn<V, C>
{
    public static int Width => 1;

    public C this[int column]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Load<P>(in C rows, P columns, int column = 0)
        where P : struct, IOffsets => sums.Load(in rows, columns[column]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store<P>(in C rows, P columns, nint from, int slope, nint to, int column = 0)
        where P : struct, IOffsets => sums.Store(in rows, columns[column], from, to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add<P>(in C rows, P columns, int column = 0)
        where P : struct, IOffsets => sums.Add(in rows, columns[column]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void MultiplyAdd<Y>(in C x, in Y y, int from, int slope, int to, int column = 0)
        where Y : struct, IRow<V> => sums.MultiplyAdd(in x, y[column], from, to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Multiply(V factor) => sums.Multiply(factor);
}
