using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Interp.Kernels;

public static unsafe partial class Gather
{
    /// <summary>Positions that are transposed and added together: what they take stays in the second-level cache.</summary>
    private const int Chunk = 128;

    /// <summary>How many floats <see cref="Order"/> writes for an index of n places.</summary>
    /// <exception cref="OverflowException">More than an <see cref="int"/> counts.</exception>
    public static int OrderLength(int vocab, int n) => checked((n * 2 * Guard.Lanes) + ((n + Chunk - 1) / Chunk * (vocab + 1)));

    /// <summary>
    /// Sorts 16 lanes of an index by letter, keeping their order, for <see cref="AddRows(ReadOnlySpan{float}, ReadOnlySpan{float}, Span{float}, int, int, int, int)"/>.
    /// The result holds integers, chunk by chunk of positions: where each letter ends, the places sorted, the letter of each place.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">An index is not an integer in [0, vocab), a size is negative, or there are not 1 or 16 lanes.</exception>
    /// <exception cref="ArgumentException">An operand or the result is shorter than the sizes say.</exception>
    public static void Order(ReadOnlySpan<float> index, int indexLanes, Span<float> order, int vocab, int n)
    {
        Guard.LaneCount(indexLanes);
        Guard.Sizes(vocab, n);
        Guard.Length(order.Length, OrderLength(vocab, n));
        Guard.Index(index[..(n * indexLanes)], vocab);
        fixed (float* at = index, o = order)
        {
            var next = (int*)o;
            for (nint from = 0; from < n; from += Chunk)
            {
                nint count = Math.Min(Chunk, n - from);
                Sort(at + (from * indexLanes), indexLanes, count, vocab, next);
                next += Floats(count, vocab);
            }
        }
    }

    /// <summary>
    /// Gradients of 16 lanes into a shared table, by an index that <see cref="Order"/> has sorted. The gradients are transposed to one row a lane, and each row of
    /// the table adds its own in registers: the order of every sum is by position, then lane. Rows that no index names are 0.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative.</exception>
    /// <exception cref="ArgumentException">An operand or the result is shorter than the sizes say.</exception>
    public static void AddRows(ReadOnlySpan<float> g, ReadOnlySpan<float> order, Span<float> result, int batch, int vocab, int n, int width)
    {
        Guard.Sizes(batch, vocab, n);
        ArgumentOutOfRangeException.ThrowIfNegative(width);
        Guard.Length(g.Length, (long)batch * n * width * Guard.Lanes);
        Guard.Length(order.Length, OrderLength(vocab, n));
        Guard.Length(result.Length, (long)batch * vocab * width);
        result[..(batch * vocab * width)].Clear();
        using var scratch = new Scratch(Math.Min(Chunk, n) * Guard.Lanes * Guard.Lanes);
        fixed (float* x = g, o = order, r = result, s = scratch.Span)
        {
            var transposed = Scratch.Align(s);
            var sorted = (int*)o;
            for (nint from = 0; from < n; from += Chunk)
            {
                nint count = Math.Min(Chunk, n - from);
                if (width < Transpose.Elements)
                {
                    AddNarrow(x, sorted, r, batch, vocab, n, width, from, count, transposed);
                }
                else
                {
                    AddWide(x, sorted, r, batch, vocab, n, width, from, count, transposed);
                }

                sorted += Floats(count, vocab);
            }
        }
    }

    private static void AddSharedRows(ReadOnlySpan<float> g, ReadOnlySpan<float> index, int indexLanes, Span<float> result, int batch, int vocab, int n, int width)
    {
        var length = OrderLength(vocab, n);
        var order = ArrayPool<float>.Shared.Rent(length);
        Order(index, indexLanes, order.AsSpan(0, length), vocab, n);
        AddRows(g, order.AsSpan(0, length), result, batch, vocab, n, width);
        ArrayPool<float>.Shared.Return(order);
    }

    private static nint Floats(nint count, nint vocab) => vocab + 1 + (2 * count * Guard.Lanes);

    private static void Sort(float* index, nint indexLanes, nint count, nint vocab, int* order)
    {
        var start = order;
        var sorted = start + vocab + 1;
        var all = count * Guard.Lanes;
        var letters = sorted + all;
        new Span<int>(start, (int)vocab + 1).Clear();
        for (nint e = 0; e < all; e++)
        {
            var letter = (int)index[indexLanes == 1 ? e / Guard.Lanes : e];
            letters[e] = letter;
            start[letter + 1]++;
        }

        for (nint v = 1; v <= vocab; v++)
        {
            start[v] += start[v - 1];
        }

        // Afterwards the places of letter v end at start[v].
        for (nint e = 0; e < all; e++)
        {
            sorted[start[letters[e]]++] = (int)e * Guard.Lanes;
        }
    }

    /// <summary>Strips of 8 columns, two at a time; they may belong to different batches. A last one goes with itself.</summary>
    private static void AddWide(float* g, int* order, float* result, nint batch, nint vocab, nint n, nint width, nint from, nint count, float* transposed)
    {
        const int elements = Transpose.Elements;
        var sorted = order + vocab + 1;
        var strips = (width + elements - 1) / elements;
        for (nint strip = 0; strip < batch * strips; strip += 2)
        {
            var other = Math.Min(strip + 1, (batch * strips) - 1);
            var x = Column(strip % strips, width);
            var y = Column(other % strips, width);
            var first = ((strip / strips) * n * width) + x;
            var second = ((other / strips) * n * width) + y;
            for (nint i = 0; i < count; i++)
            {
                var at = (from + i) * width;
                Transpose.ToRows(g + ((first + at) * Guard.Lanes), g + ((second + at) * Guard.Lanes), transposed + (i * Guard.Lanes * Guard.Lanes));
            }

            // The last strip of a row begins earlier than the one before ends; what the two share is added once.
            var keepX = Kept(strip % strips, x);
            var keepY = Kept(other % strips, y);
            var tableX = result + (strip / strips * vocab * width) + x;
            var tableY = result + (other / strips * vocab * width) + y;
            var next = 0;
            for (nint v = 0; v < vocab; v++)
            {
                var end = order[v];
                if (next == end)
                {
                    continue;
                }

                var oldX = Vector256.Load(tableX + (v * width));
                var sum = Vector512.Create(oldX, Vector256.Load(tableY + (v * width)));
                for (; next < end; next++)
                {
                    sum += Vector512.Load(transposed + sorted[next]);
                }

                Vector256.ConditionalSelect(keepX, oldX, sum.GetLower()).Store(tableX + (v * width));
                if (other != strip)
                {
                    // The first store may have reached into the columns that are kept here.
                    Vector256.ConditionalSelect(keepY, Vector256.Load(tableY + (v * width)), sum.GetUpper()).Store(tableY + (v * width));
                }
            }
        }
    }

    /// <summary>Where a strip of 8 columns begins.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nint Column(nint strip, nint width) => Math.Min(strip * Transpose.Elements, width - Transpose.Elements);

    /// <summary>All bits for the columns that the strip before has had.</summary>
    private static Vector256<float> Kept(nint strip, nint column) =>
        Vector256.LessThan(Vector256<int>.Indices, Vector256.Create((int)((strip * Transpose.Elements) - column))).AsSingle();

    /// <summary>Tables of fewer than 8 columns: sixteen columns at a time, of as many batches as that takes.</summary>
    private static void AddNarrow(float* g, int* order, float* result, nint batch, nint vocab, nint n, nint width, nint from, nint count, float* transposed)
    {
        var sorted = order + vocab + 1;
        // What stands behind the last column is added up, too, and stored nowhere.
        var sixteen = stackalloc float[Guard.Lanes * Guard.Lanes];
        new Span<float>(sixteen, Guard.Lanes * Guard.Lanes).Clear();
        var sums = stackalloc float[Guard.Lanes];
        new Span<float>(sums, Guard.Lanes).Clear();
        var sources = stackalloc float*[Guard.Lanes];
        var targets = stackalloc float*[Guard.Lanes];
        for (nint first = 0; first < batch * width; first += Guard.Lanes)
        {
            var columns = Math.Min(Guard.Lanes, (batch * width) - first);
            for (nint c = 0; c < columns; c++)
            {
                var (b, w) = ((first + c) / width, (first + c) % width);
                sources[c] = g + (((((b * n) + from) * width) + w) * Guard.Lanes);
                targets[c] = result + (b * vocab * width) + w;
            }

            for (nint i = 0; i < count; i++)
            {
                for (nint c = 0; c < columns; c++)
                {
                    Vector512.Load(sources[c] + (i * width * Guard.Lanes)).Store(sixteen + (c * Guard.Lanes));
                }

                Transpose.ToRows(sixteen, sixteen + (Transpose.Elements * Guard.Lanes), transposed + (i * Guard.Lanes * Guard.Lanes));
            }

            var next = 0;
            for (nint v = 0; v < vocab; v++)
            {
                var end = order[v];
                if (next == end)
                {
                    continue;
                }

                for (nint c = 0; c < columns; c++)
                {
                    sums[c] = targets[c][v * width];
                }

                var sum = Vector512.Load(sums);
                for (; next < end; next++)
                {
                    sum += Vector512.Load(transposed + sorted[next]);
                }

                sum.Store(sums);
                for (nint c = 0; c < columns; c++)
                {
                    targets[c][v * width] = sums[c];
                }
            }
        }
    }
}
