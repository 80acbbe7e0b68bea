using System.Buffers;
using System.Runtime.Intrinsics;

namespace Interp.Kernels;

public static unsafe partial class Gather
{
    /// <summary>Positions that are transposed and sorted together: what they take stays in the second-level cache.</summary>
    private const int Chunk = 128;

    /// <summary>
    /// Gradients of 16 lanes into a shared table that starts at zero. They are transposed to one row a lane, the rows are sorted by the index they belong to,
    /// and each row of the table adds its own in registers: the order of every sum is by position, then lane.
    /// </summary>
    private static void AddSharedRows(float* g, float* index, nint indexLanes, float* result, nint batch, nint vocab, nint n, nint width)
    {
        const int elements = Transpose.Elements;
        var starts = ArrayPool<int>.Shared.Rent((int)vocab + 1);
        using var scratch = new Scratch((int)Math.Min(Chunk, n) * Guard.Lanes * Guard.Lanes);
        var sorted = stackalloc int[Chunk * Guard.Lanes];
        var rows = stackalloc int[Chunk * Guard.Lanes];
        var blocks = width / elements;
        fixed (float* s = scratch.Span)
        fixed (int* start = starts)
        {
            var transposed = Scratch.Align(s);
            for (nint from = 0; from < n; from += Chunk)
            {
                var count = Math.Min(Chunk, n - from);
                Sort(index + (from * indexLanes), indexLanes, count, vocab, rows, start, sorted);

                // Blocks of 8 columns, two at a time; they may belong to different batches. A last one goes with itself.
                for (nint block = 0; block < batch * blocks; block += 2)
                {
                    var other = Math.Min(block + 1, (batch * blocks) - 1);
                    var first = ((block / blocks) * n * width) + (block % blocks * elements);
                    var second = ((other / blocks) * n * width) + (other % blocks * elements);
                    for (nint i = 0; i < count; i++)
                    {
                        var at = (from + i) * width;
                        Transpose.ToRows(g + ((first + at) * Guard.Lanes), g + ((second + at) * Guard.Lanes), transposed + (i * Guard.Lanes * Guard.Lanes));
                    }

                    var firstTable = result + (block / blocks * vocab * width) + (block % blocks * elements);
                    var secondTable = result + (other / blocks * vocab * width) + (other % blocks * elements);
                    var next = 0;
                    for (nint v = 0; v < vocab; v++)
                    {
                        var end = start[v];
                        if (next == end)
                        {
                            continue;
                        }

                        var x = firstTable + (v * width);
                        var y = secondTable + (v * width);
                        var sum = Vector512.Create(Vector256.Load(x), Vector256.Load(y));
                        for (; next < end; next++)
                        {
                            sum += Vector512.Load(transposed + sorted[next]);
                        }

                        sum.GetLower().Store(x);
                        sum.GetUpper().Store(y);
                    }
                }

                for (nint b = 0; b < batch; b++)
                {
                    for (var w = blocks * elements; w < width; w++)
                    {
                        for (nint e = 0; e < count * Guard.Lanes; e++)
                        {
                            result[(((b * vocab) + rows[e]) * width) + w] += g[((((b * n) + from + (e / Guard.Lanes)) * width) + w) * Guard.Lanes + (e % Guard.Lanes)];
                        }
                    }
                }
            }
        }

        ArrayPool<int>.Shared.Return(starts);
    }

    /// <summary>Sorts the lanes of some positions by index, keeping their order. Afterwards those of index v end at start[v].</summary>
    private static void Sort(float* index, nint indexLanes, nint count, nint vocab, int* rows, int* start, int* sorted)
    {
        new Span<int>(start, (int)vocab + 1).Clear();
        var all = count * Guard.Lanes;
        for (nint e = 0; e < all; e++)
        {
            var row = (int)index[indexLanes == 1 ? e / Guard.Lanes : e];
            rows[e] = row;
            start[row + 1]++;
        }

        for (nint v = 1; v <= vocab; v++)
        {
            start[v] += start[v - 1];
        }

        for (nint e = 0; e < all; e++)
        {
            sorted[start[rows[e]]++] = (int)e * Guard.Lanes;
        }
    }
}
