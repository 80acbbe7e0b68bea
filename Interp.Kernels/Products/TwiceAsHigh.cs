using System.Runtime.CompilerServices;

namespace Interp.Kernels;

/// <summary>Twice as many rows of a tile as <typeparamref name="C"/> has.</summary>
internal unsafe struct TwiceAsHigh<V, C>(C upper, C lower) : IColumn<V, TwiceAsHigh<V, C>>
    where V : struct
    where C : struct, IColumn<V, C>
{
    private C upper = upper;
    private C lower = lower;

    public static int Height
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 2 * C.Height;
    }

    public V this[int row]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => row < C.Height ? upper[row] : lower[row - C.Height];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Begin(float* start, nint* offsets)
    {
        upper.Begin(start, offsets);
        lower.Begin(start, offsets + C.Height);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Begin(float* start, nint step, nint last, int row = 0)
    {
        upper.Begin(start, step, last, row);
        lower.Begin(start, step, last, row + C.Height);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Load(nint offset, int from, int to)
    {
        upper.Load(offset, from, to);
        lower.Load(offset, from - C.Height, to - C.Height);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Load(in TwiceAsHigh<V, C> rows, nint offset)
    {
        upper.Load(in rows.upper, offset);
        lower.Load(in rows.lower, offset);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(in TwiceAsHigh<V, C> rows, nint offset, nint from, nint to)
    {
        upper.Store(in rows.upper, offset, from, to);
        lower.Store(in rows.lower, offset, from - C.Height, to - C.Height);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(in TwiceAsHigh<V, C> rows, nint offset)
    {
        upper.Add(in rows.upper, offset);
        lower.Add(in rows.lower, offset);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void MultiplyAdd(in TwiceAsHigh<V, C> x, V y, int from, int to)
    {
        upper.MultiplyAdd(in x.upper, y, from, to);
        lower.MultiplyAdd(in x.lower, y, from - C.Height, to - C.Height);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Multiply(V factor)
    {
        upper.Multiply(factor);
        lower.Multiply(factor);
    }
}
