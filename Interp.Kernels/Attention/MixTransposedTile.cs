using System.Runtime.CompilerServices;

namespace Interp.Kernels;

/// <summary>Tiles of keys by columns: gradients mixed by a pattern's columns.</summary>
internal static unsafe class MixTransposedTile<O, V, C, T>
    where O : struct, ILanes<V>
    where V : struct
    where C : struct, IColumn<V, C>
    where T : struct, ITile<V, C>
{
    /// <summary>
    /// From the start, the queries that not all of the keys precede one by one, then the others together. A chain may resume where another call left it; the last
    /// call scales.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(float* p, nint patternRow, nint queries, float* x, nint valueRow, bool resume, float scale, float* result, nint resultRow)
    {
        Unsafe.SkipInit(out C pattern);
        Unsafe.SkipInit(out C target);
        pattern.Begin(p, O.Stride, Tile.AllRows);
        target.Begin(result, resultRow, Tile.AllRows);
        var columns = new EvenOffsets(O.Stride);
        var sums = default(T);
        nint i = 0;
        nint at = 0;
        if (resume)
        {
            sums.Load(in target, columns);
        }
        else
        {
            if (queries > 0)
            {
                Step(ref sums, ref pattern, at, x, 1);
                at += patternRow;
                x += valueRow;
            }

            if (C.Height > 2 && queries > 1)
            {
                Step(ref sums, ref pattern, at, x, 2);
                at += patternRow;
                x += valueRow;
            }

            if (C.Height > 2 && queries > 2)
            {
                Step(ref sums, ref pattern, at, x, 3);
                at += patternRow;
                x += valueRow;
            }

            i = C.Height - 1;
        }

        for (; i < queries; i++)
        {
            Step(ref sums, ref pattern, at, x, Tile.AllRows);
            at += patternRow;
            x += valueRow;
        }

        sums.Multiply(O.Create(scale));
        if (queries >= C.Height || resume)
        {
            sums.Store(in target, columns, 0, 0, Tile.AllRows);
        }
        else
        {
            sums.Store(in target, columns, 0, 0, queries);
        }
    }

    /// <summary>One query, for the keys before that one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(ref T sums, ref C pattern, nint at, float* x, int to)
    {
        pattern.Load(at, 0, to);
        sums.MultiplyAdd(in pattern, new LanesRightSide<O, V>(x), 0, 0, to);
    }
}
