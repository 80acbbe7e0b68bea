namespace Interp.Kernels;

/// <summary>
/// Causal attention. Operands are [head, pos, width], patterns [head, pos, key_pos] with key_pos at most pos;
/// the strict upper triangle is neither read nor written.
/// </summary>
public static unsafe partial class Causal
{
    /// <summary>result[h,i,j] = scale * sum over d of a[h,i,d] b[h,j,d], for j up to i.</summary>
    public static void Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> result, float scale, int heads, int positions, int width, int lanes)
    {
        Check(heads, positions, width, lanes, a.Length, b.Length, result.Length);
        fixed (float* x = a, y = b, r = result)
        {
            var kernel = new DotKernel { A = x, B = y, Result = r, Scale = scale, Heads = heads, Positions = positions, Width = width };
            Dispatch.Run(lanes, ref kernel);
        }
    }

    /// <summary>result[h,i,d] = scale * sum over j up to i of p[h,i,j] v[h,j,d].</summary>
    public static void Mix(ReadOnlySpan<float> p, ReadOnlySpan<float> v, Span<float> result, float scale, int heads, int positions, int width, int lanes)
    {
        Check(heads, positions, width, lanes, v.Length, result.Length, p.Length);
        fixed (float* x = p, y = v, r = result)
        {
            var kernel = new MixKernel { P = x, V = y, Result = r, Scale = scale, Heads = heads, Positions = positions, Width = width };
            Dispatch.Run(lanes, ref kernel);
        }
    }

    /// <summary>result[h,j,d] = scale * sum over i from j on of p[h,i,j] x[h,i,d].</summary>
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
            var tall = O.Registers >= 32 ? 4 : 2;
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
                            if (O.Registers >= 32 && j == i && last - i >= 3)
                            {
                                DotTile<O, V>.Diagonal4(a + (i * depth), b + (j * depth), depth, Scale, target, patternRow);
                            }
                            else if (O.Registers >= 32)
                            {
                                DotTile<O, V>.Dot4x4(a + (i * depth), last - i, b + (j * depth), last - j, depth, Scale, target, patternRow, keys);
                            }
                            else
                            {
                                DotTile<O, V>.Dot2x4(a + (i * depth), last - i, b + (j * depth), last - j, depth, Scale, target, patternRow, keys);
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
        public float* V;
        public float* Result;
        public float Scale;
        public nint Heads;
        public nint Positions;
        public nint Width;

        public readonly void Run<O, T>(int lane)
            where O : struct, ILanes<T>
            where T : struct
        {
            var tall = O.Registers >= 32 ? 4 : 2;
            var row = Width * O.Stride;
            var patternRow = Positions * O.Stride;
            var keyBlock = BlockOf(row);
            for (nint h = 0; h < Heads; h++)
            {
                var v = V + (h * Positions * row) + lane;
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
                            if (O.Registers >= 32)
                            {
                                MixTile<O, T>.Mix4x4(p, patternRow, keys, ends, last, values + at, row, block > 0, scale, result + at, row);
                            }
                            else
                            {
                                MixTile<O, T>.Mix2x4(p, patternRow, keys, ends, last, values + at, row, block > 0, scale, result + at, row);
                            }
                        }

                        for (; d < Width; d++)
                        {
                            var at = d * O.Stride;
                            if (O.Registers >= 32)
                            {
                                MixTile<O, T>.Mix4x1(p, patternRow, keys, ends, last, values + at, row, block > 0, scale, result + at, row);
                            }
                            else
                            {
                                MixTile<O, T>.Mix2x1(p, patternRow, keys, ends, last, values + at, row, block > 0, scale, result + at, row);
                            }
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
            var tall = O.Registers >= 32 ? 4 : 2;
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
                            if (O.Registers >= 32)
                            {
                                MixTransposedTile<O, V>.MixTransposed4x4(p, patternRow, queries, x + at, row, resume, scale, result + at, row);
                            }
                            else
                            {
                                MixTransposedTile<O, V>.MixTransposed2x4(p, patternRow, queries, x + at, row, resume, scale, result + at, row);
                            }
                        }

                        for (; d < Width; d++)
                        {
                            var at = d * O.Stride;
                            if (O.Registers >= 32)
                            {
                                MixTransposedTile<O, V>.MixTransposed4x1(p, patternRow, queries, x + at, row, resume, scale, result + at, row);
                            }
                            else
                            {
                                MixTransposedTile<O, V>.MixTransposed2x1(p, patternRow, queries, x + at, row, resume, scale, result + at, row);
                            }
                        }
                    }
                }
            }
        }
    }
}
