using System.Runtime.CompilerServices;

namespace Interp.Kernels;

/// <summary>Two rows of a tile, where registers are few.</summary>
internal unsafe struct TwoRows<O, V> : IColumn<V, TwoRows<O, V>>
    where O : struct, ILanes<V>
    where V : struct
{
    private V value0, value1;
    private float* row0, row1;

    public static int Height => 2;

    public readonly V this[int row]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => row == 0 ? value0 : value1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Begin(float* start, nint* offsets)
    {
        row0 = start + (offsets[0] * Guard.Lanes);
        row1 = start + (offsets[1] * Guard.Lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Begin(float* start, nint step, nint last)
    {
        row0 = start;
        row1 = start + (Math.Min(1, last) * step);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Load(nint offset, int from, int to)
    {
        if (from <= 0 && to > 0)
        {
            value0 = O.Load(row0 + offset);
        }

        if (from <= 1 && to > 1)
        {
            value1 = O.Load(row1 + offset);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Load(in TwoRows<O, V> rows, nint offset)
    {
        value0 = O.Load(rows.row0 + offset);
        value1 = O.Load(rows.row1 + offset);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(in TwoRows<O, V> rows, nint offset, nint from, nint to)
    {
        if (from <= 0 && to > 0)
        {
            O.Store(value0, rows.row0 + offset);
        }

        if (from <= 1 && to > 1)
        {
            O.Store(value1, rows.row1 + offset);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(in TwoRows<O, V> rows, nint offset)
    {
        value0 = O.Add(O.Load(rows.row0 + offset), value0);
        value1 = O.Add(O.Load(rows.row1 + offset), value1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void MultiplyAdd(in TwoRows<O, V> x, V y, int from, int to)
    {
        if (from <= 0 && to > 0)
        {
            value0 = O.FusedMultiplyAdd(x.value0, y, value0);
        }

        if (from <= 1 && to > 1)
        {
            value1 = O.FusedMultiplyAdd(x.value1, y, value1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Multiply(V factor)
    {
        value0 = O.Multiply(value0, factor);
        value1 = O.Multiply(value1, factor);
    }
}
