using System.Runtime.CompilerServices;

namespace Interp.Kernels;

/// <summary>One row of a tile.</summary>
internal unsafe struct OneRow<O, V> : IColumn<V, OneRow<O, V>>
    where O : struct, ILanes<V>
    where V : struct
{
    private V value;
    private float* begin;

    public static int Height => 1;

    public readonly V this[int row] => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Begin(float* start, nint* offsets) => begin = start + (*offsets * Guard.Lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Begin(float* start, nint step, nint last, int row = 0) => begin = start + (Math.Min(row, last) * step);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Load(nint offset, int from, int to)
    {
        if (from <= 0 && to > 0)
        {
            value = O.Load(begin + offset);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Load(in OneRow<O, V> rows, nint offset) => value = O.Load(rows.begin + offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(in OneRow<O, V> rows, nint offset, nint from, nint to)
    {
        if (from <= 0 && to > 0)
        {
            O.Store(value, rows.begin + offset);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(in OneRow<O, V> rows, nint offset) => value = O.Add(O.Load(rows.begin + offset), value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void MultiplyAdd(in OneRow<O, V> x, V y, int from, int to)
    {
        if (from <= 0 && to > 0)
        {
            value = O.FusedMultiplyAdd(x.value, y, value);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Multiply(V factor) => value = O.Multiply(value, factor);
}
