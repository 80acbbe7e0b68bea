namespace Interp.Kernels;

/// <summary>Rows of a table [batch, vocab, width] by an index [n] of integers stored as floats; results are [batch, n, width]. Each has 1 or 16 lanes an element.</summary>
public static unsafe partial class Gather
{
    /// <summary>result[b,i,w] = table[b, index[i], w]; the result has as many lanes as the wider of its operands.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An index is not an integer in [0, vocab), a size is negative, or there are not 1 or 16 lanes.</exception>
    /// <exception cref="ArgumentException">An operand or the result is shorter than the sizes say.</exception>
    public static void Rows(
        ReadOnlySpan<float> table,
        int tableLanes,
        ReadOnlySpan<float> index,
        int indexLanes,
        Span<float> result,
        int batch,
        int vocab,
        int n,
        int width)
    {
        Guard.LaneCount(tableLanes);
        Guard.LaneCount(indexLanes);
        Guard.Sizes(batch, vocab, n);
        ArgumentOutOfRangeException.ThrowIfNegative(width);
        var lanes = Math.Max(tableLanes, indexLanes);
        Guard.Length(table.Length, (long)batch * vocab * width * tableLanes);
        Guard.Length(index.Length, (long)n * indexLanes);
        Guard.Length(result.Length, (long)batch * n * width * lanes);
        Guard.Index(index[..(n * indexLanes)], vocab);
        fixed (float* t = table, at = index, r = result)
        {
            if (tableLanes == 1 && indexLanes == Guard.Lanes)
            {
                SharedRows(t, at, r, batch, vocab, n, width);
                return;
            }

            for (nint b = 0; b < batch; b++)
            {
                for (nint i = 0; i < n; i++)
                {
                    for (nint w = 0; w < width; w++)
                    {
                        for (nint lane = 0; lane < lanes; lane++)
                        {
                            var row = (nint)at[indexLanes == 1 ? i : (i * indexLanes) + lane];
                            r[(((((b * n) + i) * width) + w) * lanes) + lane] =
                                t[(((((b * vocab) + row) * width) + w) * tableLanes) + (tableLanes == 1 ? 0 : lane)];
                        }
                    }
                }
            }
        }
    }

    /// <summary>
    /// The transpose of <see cref="Rows"/>: result[b, index[i], w] is the sum of g[b,i,w] with i ascending, and, where the result is shared and an operand is not,
    /// the lanes of each i in ascending order. Rows that no index names are 0.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">An index is not an integer in [0, vocab), a size is negative, or there are not 1 or 16 lanes.</exception>
    /// <exception cref="ArgumentException">An operand or the result is shorter than the sizes say.</exception>
    public static void AddRows(
        ReadOnlySpan<float> g,
        int gLanes,
        ReadOnlySpan<float> index,
        int indexLanes,
        Span<float> result,
        int resultLanes,
        int batch,
        int vocab,
        int n,
        int width)
    {
        Guard.LaneCount(gLanes);
        Guard.LaneCount(indexLanes);
        Guard.LaneCount(resultLanes);
        Guard.Sizes(batch, vocab, n);
        ArgumentOutOfRangeException.ThrowIfNegative(width);
        Guard.Length(g.Length, (long)batch * n * width * gLanes);
        Guard.Length(index.Length, (long)n * indexLanes);
        Guard.Length(result.Length, (long)batch * vocab * width * resultLanes);
        if (gLanes == Guard.Lanes && resultLanes == 1)
        {
            AddSharedRows(g, index, indexLanes, result, batch, vocab, n, width);
            return;
        }

        Guard.Index(index[..(n * indexLanes)], vocab);
        result[..(batch * vocab * width * resultLanes)].Clear();
        var lanes = Math.Max(Math.Max(gLanes, indexLanes), resultLanes);
        fixed (float* x = g, at = index, r = result)
        {
            for (nint b = 0; b < batch; b++)
            {
                for (nint i = 0; i < n; i++)
                {
                    for (nint lane = 0; lane < lanes; lane++)
                    {
                        var row = (nint)at[indexLanes == 1 ? i : (i * indexLanes) + lane];
                        var source = x + (((b * n) + i) * width * gLanes) + (gLanes == 1 ? 0 : lane);
                        var target = r + (((b * vocab) + row) * width * resultLanes) + (resultLanes == 1 ? 0 : lane);
                        for (nint w = 0; w < width; w++)
                        {
                            target[w * resultLanes] += source[w * gLanes];
                        }
                    }
                }
            }
        }
    }
}
