using System.Runtime.CompilerServices;

namespace Interp.Kernels;

/// <summary>Tiles of queries by keys: inner products over the width.</summary>
internal static unsafe class DotTile<O, V, C, R, T>
    where O : struct, ILanes<V>
    where V : struct
    where C : struct, IColumn<V, C>
    where R : struct, IColumn<V, R>
    where T : struct, ITile<V, C>
{
    /// <summary>Queries by the keys of the same positions: each query's up to its own.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Diagonal(float* a, float* b, nint depth, float scale, float* result, nint resultRow)
    {
        var sums = Sum(a, Tile.AllRows, b, Tile.AllRows, depth, slope: 1);
        sums.Multiply(O.Create(scale));
        Unsafe.SkipInit(out C target);
        target.Begin(result, resultRow, Tile.AllRows);
        sums.Store(in target, new EvenOffsets(O.Stride), 0, 1, Tile.AllRows);
    }

    /// <summary>Queries by keys; of the last query, the keys below the limit are stored, of each query before one fewer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(float* a, nint lastA, float* b, nint lastB, nint depth, float scale, float* result, nint resultRow, nint limit)
    {
        var sums = Sum(a, lastA, b, lastB, depth, slope: 0);
        sums.Multiply(O.Create(scale));
        Unsafe.SkipInit(out C target);
        target.Begin(result, resultRow, Tile.AllRows);
        if (limit >= C.Height + T.Width - 1 && lastA >= C.Height - 1)
        {
            sums.Store(in target, new EvenOffsets(O.Stride), 0, 0, Tile.AllRows);
        }
        else
        {
            sums.Store(in target, new EvenOffsets(O.Stride), C.Height - limit, 1, lastA + 1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Sum(float* a, nint lastA, float* b, nint lastB, nint depth, int slope)
    {
        Unsafe.SkipInit(out C x);
        Unsafe.SkipInit(out R y);
        x.Begin(a, depth, lastA);
        y.Begin(b, depth, lastB);
        var sums = default(T);
        for (nint d = 0; d < depth; d += O.Stride)
        {
            x.Load(d, 0, Tile.AllRows);
            y.Load(d, 0, Tile.AllRows);
            sums.MultiplyAdd(in x, in y, 0, slope, Tile.AllRows);
        }

        return sums;
    }
}
