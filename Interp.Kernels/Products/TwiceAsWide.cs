using System.Runtime.CompilerServices;

namespace Interp.Kernels;

/// <summary>Twice as many columns of a tile as <typeparamref name="T"/> has.</summary>
/// <remarks>A ratio of sizes instead of T.Width: the compiler knows it before it inlines anything, which halves its work.</remarks>
internal struct TwiceAsWide<V, C, T>(T left, T right) : ITile<V, C>
    where V : struct
    where C : struct, IColumn<V, C>
    where T : struct, ITile<V, C>
{
    public static int Width
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 2 * (Unsafe.SizeOf<T>() / Unsafe.SizeOf<C>());
    }

    public C this[int column]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if (column < (Unsafe.SizeOf<T>() / Unsafe.SizeOf<C>()))
            {
                return left[column];
            }

            return right[column - (Unsafe.SizeOf<T>() / Unsafe.SizeOf<C>())];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Load<P>(in C rows, P columns, int column = 0)
        where P : struct, IOffsets
    {
        left.Load(in rows, columns, column);
        right.Load(in rows, columns, column + (Unsafe.SizeOf<T>() / Unsafe.SizeOf<C>()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store<P>(in C rows, P columns, nint from, int slope, nint to, int column = 0)
        where P : struct, IOffsets
    {
        left.Store(in rows, columns, from, slope, to, column);
        right.Store(in rows, columns, from + (slope * (Unsafe.SizeOf<T>() / Unsafe.SizeOf<C>())), slope, to, column + (Unsafe.SizeOf<T>() / Unsafe.SizeOf<C>()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add<P>(in C rows, P columns, int column = 0)
        where P : struct, IOffsets
    {
        left.Add(in rows, columns, column);
        right.Add(in rows, columns, column + (Unsafe.SizeOf<T>() / Unsafe.SizeOf<C>()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void MultiplyAdd<Y>(in C x, in Y y, int from, int slope, int to, int column = 0)
        where Y : struct, IRow<V>
    {
        left.MultiplyAdd(in x, in y, from, slope, to, column);
        right.MultiplyAdd(in x, in y, from + (slope * (Unsafe.SizeOf<T>() / Unsafe.SizeOf<C>())), slope, to, column + (Unsafe.SizeOf<T>() / Unsafe.SizeOf<C>()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Multiply(V factor)
    {
        left.Multiply(factor);
        right.Multiply(factor);
    }
}
