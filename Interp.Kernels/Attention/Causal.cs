namespace Interp.Kernels;

/// <summary>
/// Causal attention, in which a query at pos sees the keys at key_pos up to its own (Vaswani et al. 2017, "Attention is all you need", section 3.2.3).
/// Vectors are [head, pos, width], patterns and scores [head, pos, key_pos], contiguous, with 1 or 16 lanes an element; of the latter the strict upper
/// triangle is neither read nor written. Every sum is one chain of fused multiply-adds in the order of its index.
/// </summary>
public static unsafe partial class Causal
{
    /// <summary>Scores: result[h,i,j] = scale * sum over d of a[h,i,d] b[h,j,d], for j up to i.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative, or there are not 1 or 16 lanes.</exception>
    /// <exception cref="ArgumentException">An operand or the result is shorter than the sizes say.</exception>
    public static void Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> result, float scale, int heads, int positions, int width, int lanes)
    {
        Check(heads, positions, width, lanes, a.Length, b.Length, result.Length);
        fixed (float* x = a, y = b, r = result)
        {
            var kernel = new DotKernel { A = x, B = y, Result = r, Scale = scale, Heads = heads, Positions = positions, Width = width };
            Dispatch.Run(lanes, ref kernel);
        }
    }

    /// <summary>Values mixed by a pattern: result[h,i,d] = scale * sum over j up to i of p[h,i,j] v[h,j,d].</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative, or there are not 1 or 16 lanes.</exception>
    /// <exception cref="ArgumentException">An operand or the result is shorter than the sizes say.</exception>
    public static void Mix(ReadOnlySpan<float> p, ReadOnlySpan<float> v, Span<float> result, float scale, int heads, int positions, int width, int lanes)
    {
        Check(heads, positions, width, lanes, v.Length, result.Length, p.Length);
        fixed (float* x = p, y = v, r = result)
        {
            var kernel = new MixKernel { P = x, Values = y, Result = r, Scale = scale, Heads = heads, Positions = positions, Width = width };
            Dispatch.Run(lanes, ref kernel);
        }
    }

    /// <summary>The transpose of <see cref="Mix"/>, which takes gradients back: result[h,j,d] = scale * sum over i from j on of p[h,i,j] x[h,i,d].</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative, or there are not 1 or 16 lanes.</exception>
    /// <exception cref="ArgumentException">An operand or the result is shorter than the sizes say.</exception>
    public static void MixTransposed(ReadOnlySpan<float> p, ReadOnlySpan<float> x, Span<float> result, float scale, int heads, int positions, int width, int lanes)
    {
        Check(heads, positions, width, lanes, x.Length, result.Length, p.Length);
        fixed (float* left = p, right = x, r = result)
        {
            var kernel = new MixTransposedKernel { P = left, X = right, Result = r, Scale = scale, Heads = heads, Positions = positions, Width = width };
            Dispatch.Run(lanes, ref kernel);
        }
    }

    private static void Check(int heads, int positions, int width, int lanes, int first, int second, int pattern)
    {
        Guard.Sizes(heads, positions, width);
        Guard.LaneCount(lanes);
        Guard.Length(first, (long)heads * positions * width * lanes);
        Guard.Length(second, (long)heads * positions * width * lanes);
        Guard.Length(pattern, (long)heads * positions * positions * lanes);
    }

    /// <summary>How many positions of so many floats are worked on together: as many as two thirds of the first-level cache hold.</summary>
    private static nint BlockOf(nint row) => Math.Clamp(BlockFloats / Math.Max(1, row) / 4 * 4, 4, MostPositions);

    private const int BlockFloats = 8192;

    /// <summary>The most positions in a block.</summary>
    private const int MostPositions = 256;

    private struct DotKernel : IKernel
    {
        public float* A;
        public float* B;
        public float* Result;
        public float Scale;
        public nint Heads;
        public nint Positions;
        public nint Width;

        public readonly void Run<O, V>(int lane)
            where O : struct, ILanes<V>
            where V : struct
        {
            if (O.Registers >= 32)
            {
                Run<O, V, FourRows<O, V>>(lane);
            }
            else
            {
                Run<O, V, TwoRows<O, V>>(lane);
            }
        }

        private readonly void Run<O, V, C>(int lane)
            where O : struct, ILanes<V>
            where V : struct
            where C : struct, IColumn<V, C>
        {
            var tall = C.Height;
            nint last = Positions - 1;
            var depth = Width * O.Stride;
            var patternRow = Positions * O.Stride;
            var keyBlock = BlockOf(depth);
            for (nint h = 0; h < Heads; h++)
            {
                var a = A + (h * Positions * depth) + lane;
                var b = B + (h * Positions * depth) + lane;
                var result = Result + (h * Positions * patternRow) + lane;
                for (nint block = 0; block < Positions; block += keyBlock)
                {
                    for (var i = block; i < Positions; i += tall)
                    {
                        var end = Math.Min(block + keyBlock, Math.Min(i + tall, Positions));
                        for (var j = block; j < end; j += 4)
                        {
                            var target = result + (i * patternRow) + (j * O.Stride);
                            var keys = i + tall - j;
                            if (tall == 4 && j == i && last - i >= 3)
                            {
                                DotTile<O, V, C, FourRows<O, V>, TwiceAsWide<V, C, TwiceAsWide<V, C, OneColumn<V, C>>>>.Diagonal(a + (i * depth), b + (j * depth), depth, Scale, target, patternRow);
                            }
                            else
                            {
                                DotTile<O, V, C, FourRows<O, V>, TwiceAsWide<V, C, TwiceAsWide<V, C, OneColumn<V, C>>>>.Run(a + (i * depth), last - i, b + (j * depth), last - j, depth, Scale, target, patternRow, keys);
                            }
                        }
                    }
                }
            }
        }
    }

    private struct MixKernel : IKernel
    {
        public float* P;
        public float* Values;
        public float* Result;
        public float Scale;
        public nint Heads;
        public nint Positions;
        public nint Width;

        public readonly void Run<O, V>(int lane)
            where O : struct, ILanes<V>
            where V : struct
        {
            if (O.Registers >= 32)
            {
                Run<O, V, FourRows<O, V>>(lane);
            }
            else
            {
                Run<O, V, TwoRows<O, V>>(lane);
            }
        }

        private readonly void Run<O, V, C>(int lane)
            where O : struct, ILanes<V>
            where V : struct
            where C : struct, IColumn<V, C>
        {
            var tall = C.Height;
            var row = Width * O.Stride;
            var patternRow = Positions * O.Stride;
            var keyBlock = BlockOf(row);
            for (nint h = 0; h < Heads; h++)
            {
                var v = Values + (h * Positions * row) + lane;
                for (nint block = 0; block < Positions; block += keyBlock)
                {
                    // Within the block the triangle ends; the queries after it see all of its keys.
                    for (var i = block; i < Positions; i += tall)
                    {
                        var ends = i < block + keyBlock;
                        var keys = ends ? i + 1 - block : keyBlock;
                        var p = P + (((((h * Positions) + i) * Positions) + block) * O.Stride) + lane;
                        var values = v + (block * row);
                        var result = Result + (((h * Positions) + i) * row) + lane;
                        var last = Positions - 1 - i;
                        var scale = ends ? Scale : 1f;
                        nint d = 0;
                        for (; d <= Width - 4; d += 4)
                        {
                            var at = d * O.Stride;
                            MixTile<O, V, C, TwiceAsWide<V, C, TwiceAsWide<V, C, OneColumn<V, C>>>>.Run(p, patternRow, keys, ends, last, values + at, row, block > 0, scale, result + at, row);
                        }

                        for (; d < Width; d++)
                        {
                            var at = d * O.Stride;
                            MixTile<O, V, C, OneColumn<V, C>>.Run(p, patternRow, keys, ends, last, values + at, row, block > 0, scale, result + at, row);
                        }
                    }
                }
            }
        }
    }

    private struct MixTransposedKernel : IKernel
    {
        public float* P;
        public float* X;
        public float* Result;
        public float Scale;
        public nint Heads;
        public nint Positions;
        public nint Width;

        public readonly void Run<O, V>(int lane)
            where O : struct, ILanes<V>
            where V : struct
        {
            if (O.Registers >= 32)
            {
                Run<O, V, FourRows<O, V>>(lane);
            }
            else
            {
                Run<O, V, TwoRows<O, V>>(lane);
            }
        }

        private readonly void Run<O, V, C>(int lane)
            where O : struct, ILanes<V>
            where V : struct
            where C : struct, IColumn<V, C>
        {
            var tall = C.Height;
            var row = Width * O.Stride;
            var patternRow = Positions * O.Stride;
            var queryBlock = BlockOf(row);
            for (nint h = 0; h < Heads; h++)
            {
                for (nint block = 0; block < Positions; block += queryBlock)
                {
                    var end = Math.Min(block + queryBlock, Positions);
                    for (nint j = 0; j < end; j += tall)
                    {
                        // Keys of this block begin their sums at their own query; earlier ones go on.
                        var resume = j < block;
                        var from = resume ? block : j;
                        var p = P + (((((h * Positions) + from) * Positions) + j) * O.Stride) + lane;
                        var x = X + (((h * Positions) + from) * row) + lane;
                        var result = Result + (((h * Positions) + j) * row) + lane;
                        var queries = end - from;
                        var scale = end == Positions ? Scale : 1f;
                        nint d = 0;
                        for (; d <= Width - 4; d += 4)
                        {
                            var at = d * O.Stride;
                            MixTransposedTile<O, V, C, TwiceAsWide<V, C, TwiceAsWide<V, C, OneColumn<V, C>>>>.Run(p, patternRow, queries, x + at, row, resume, scale, result + at, row);
                        }

                        for (; d < Width; d++)
                        {
                            var at = d * O.Stride;
                            MixTransposedTile<O, V, C, OneColumn<V, C>>.Run(p, patternRow, queries, x + at, row, resume, scale, result + at, row);
                        }
                    }
                }
            }
        }
    }
}
