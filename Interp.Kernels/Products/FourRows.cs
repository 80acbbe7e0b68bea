using System.Runtime.CompilerServices;

namespace Interp.Kernels;

/// <summary>Four rows of a tile.</summary>
internal unsafe struct FourRows<O, V> : IColumn<V, FourRows<O, V>>
    where O : struct, ILanes<V>
    where V : struct
{
    private V value0, value1, value2, value3;
    private float* row0, row1, row2, row3;

    public static int Height => 4;

    public readonly V this[int row]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => row == 0 ? value0 : row == 1 ? value1 : row == 2 ? value2 : value3;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Begin(float* start, nint* offsets)
    {
        row0 = start + (offsets[0] * Guard.Lanes);
        row1 = start + (offsets[1] * Guard.Lanes);
        row2 = start + (offsets[2] * Guard.Lanes);
        row3 = start + (offsets[3] * Guard.Lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Begin(float* start, nint step, nint last)
    {
        row0 = start;
        row1 = start + (Math.Min(1, last) * step);
        row2 = start + (Math.Min(2, last) * step);
        row3 = start + (Math.Min(3, last) * step);
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

        if (from <= 2 && to > 2)
        {
            value2 = O.Load(row2 + offset);
        }

        if (from <= 3 && to > 3)
        {
            value3 = O.Load(row3 + offset);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Load(in FourRows<O, V> rows, nint offset)
    {
        value0 = O.Load(rows.row0 + offset);
        value1 = O.Load(rows.row1 + offset);
        value2 = O.Load(rows.row2 + offset);
        value3 = O.Load(rows.row3 + offset);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(in FourRows<O, V> rows, nint offset, nint from, nint to)
    {
        if (from <= 0 && to > 0)
        {
            O.Store(value0, rows.row0 + offset);
        }

        if (from <= 1 && to > 1)
        {
            O.Store(value1, rows.row1 + offset);
        }

        if (from <= 2 && to > 2)
        {
            O.Store(value2, rows.row2 + offset);
        }

        if (from <= 3 && to > 3)
        {
            O.Store(value3, rows.row3 + offset);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(in FourRows<O, V> rows, nint offset)
    {
        value0 = O.Add(O.Load(rows.row0 + offset), value0);
        value1 = O.Add(O.Load(rows.row1 + offset), value1);
        value2 = O.Add(O.Load(rows.row2 + offset), value2);
        value3 = O.Add(O.Load(rows.row3 + offset), value3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void MultiplyAdd(in FourRows<O, V> x, V y, int from, int to)
    {
        if (from <= 0 && to > 0)
        {
            value0 = O.FusedMultiplyAdd(x.value0, y, value0);
        }

        if (from <= 1 && to > 1)
        {
            value1 = O.FusedMultiplyAdd(x.value1, y, value1);
        }

        if (from <= 2 && to > 2)
        {
            value2 = O.FusedMultiplyAdd(x.value2, y, value2);
        }

        if (from <= 3 && to > 3)
        {
            value3 = O.FusedMultiplyAdd(x.value3, y, value3);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Multiply(V factor)
    {
        value0 = O.Multiply(value0, factor);
        value1 = O.Multiply(value1, factor);
        value2 = O.Multiply(value2, factor);
        value3 = O.Multiply(value3, factor);
    }
}
