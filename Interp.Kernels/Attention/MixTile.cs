using System.Runtime.CompilerServices;

namespace Interp.Kernels;

/// <summary>Tiles of queries by columns: values mixed by a pattern's rows.</summary>
internal static unsafe class MixTile<O, V, C, T>
    where O : struct, ILanes<V>
    where V : struct
    where C : struct, IColumn<V, C>
    where T : struct, ITile<V, C>
{
    /// <summary>
    /// The keys that all queries may see together, then, if asked, the few after them one by one. A chain may resume where another call left it; the last call
    /// scales. Queries after the last are the last again.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(float* p, nint patternRow, nint keys, bool tail, nint last, float* v, nint valueRow, bool resume, float scale, float* result, nint resultRow)
    {
        Unsafe.SkipInit(out C x);
        Unsafe.SkipInit(out C target);
        x.Begin(p, patternRow, last);
        target.Begin(result, resultRow, last);
        var columns = new EvenOffsets(O.Stride);
        var sums = default(T);
        if (resume)
        {
            sums.Load(in target, columns);
        }

        nint j = 0;
        for (; j < keys; j++)
        {
            Step(ref sums, ref x, j * O.Stride, v, 0);
            v += valueRow;
        }

        if (tail && last >= 1)
        {
            Step(ref sums, ref x, j++ * O.Stride, v, 1);
            v += valueRow;
        }

        if (C.Height > 2 && tail && last >= 2)
        {
            Step(ref sums, ref x, j++ * O.Stride, v, 2);
            v += valueRow;
        }

        if (C.Height > 2 && tail && last >= 3)
        {
            Step(ref sums, ref x, j * O.Stride, v, 3);
        }

        sums.Multiply(O.Create(scale));
        sums.Store(in target, columns, 0, 0, Tile.AllRows);
    }

    /// <summary>One key, for the queries from that one on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(ref T sums, ref C x, nint at, float* v, int from)
    {
        x.Load(at, from, Tile.AllRows);
        sums.MultiplyAdd(in x, new LanesRightSide<O, V>(v), from, 0, Tile.AllRows);
    }
}
