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
            var kernel = new DotKernel { A = x, B = y, Result = r, Scale = scale, Heads = heads, Positions = positions, Width = width, Lanes = lanes };
            Dispatch.Run(lanes, ref kernel);
        }
    }

    /// <summary>result[h,i,d] = scale * sum over j up to i of p[h,i,j] v[h,j,d].</summary>
    public static void Mix(ReadOnlySpan<float> p, ReadOnlySpan<float> v, Span<float> result, float scale, int heads, int positions, int width, int lanes)
    {
        Check(heads, positions, width, lanes, v.Length, result.Length, p.Length);
        fixed (float* x = p, y = v, r = result)
        {
            var kernel = new MixKernel { A = x, B = y, Result = r, Scale = scale, Heads = heads, Positions = positions, Width = width, Lanes = lanes };
            Dispatch.Run(lanes, ref kernel);
        }
    }

    /// <summary>result[h,j,d] = scale * sum over i from j on of p[h,i,j] x[h,i,d].</summary>
    public static void MixTransposed(ReadOnlySpan<float> p, ReadOnlySpan<float> x, Span<float> result, float scale, int heads, int positions, int width, int lanes)
    {
        Check(heads, positions, width, lanes, x.Length, result.Length, p.Length);
        fixed (float* left = p, right = x, r = result)
        {
            var kernel = new MixTransposedKernel { A = left, B = right, Result = r, Scale = scale, Heads = heads, Positions = positions, Width = width, Lanes = lanes };
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

    private struct DotKernel : IKernel
    {
        public float* A;
        public float* B;
        public float* Result;
        public float Scale;
        public int Heads;
        public nint Positions;
        public nint Width;
        public nint Lanes;

        public void Run<O, V>(int lane)
            where O : struct, ILanes<V>
            where V : struct
        {
            var scale = O.Create(Scale);
            for (nint h = 0; h < Heads; h++)
            {
                for (nint i = 0; i < Positions; i++)
                {
                    for (nint j = 0; j <= i; j++)
                    {
                        var a = A + (((h * Positions) + i) * Width * Lanes) + lane;
                        var b = B + (((h * Positions) + j) * Width * Lanes) + lane;
                        var sum = O.Create(0f);
                        for (nint d = 0; d < Width; d++)
                        {
                            sum = O.FusedMultiplyAdd(O.Load(a + (d * Lanes)), O.Load(b + (d * Lanes)), sum);
                        }

                        O.Store(O.Multiply(scale, sum), Result + (((((h * Positions) + i) * Positions) + j) * Lanes) + lane);
                    }
                }
            }
        }
    }

    private struct MixKernel : IKernel
    {
        public float* A;
        public float* B;
        public float* Result;
        public float Scale;
        public int Heads;
        public nint Positions;
        public nint Width;
        public nint Lanes;

        public void Run<O, V>(int lane)
            where O : struct, ILanes<V>
            where V : struct
        {
            var scale = O.Create(Scale);
            for (nint h = 0; h < Heads; h++)
            {
                for (nint i = 0; i < Positions; i++)
                {
                    for (nint d = 0; d < Width; d++)
                    {
                        var p = A + (((h * Positions) + i) * Positions * Lanes) + lane;
                        var v = B + (((h * Positions * Width) + d) * Lanes) + lane;
                        var sum = O.Create(0f);
                        for (nint j = 0; j <= i; j++)
                        {
                            sum = O.FusedMultiplyAdd(O.Load(p + (j * Lanes)), O.Load(v + (j * Width * Lanes)), sum);
                        }

                        O.Store(O.Multiply(scale, sum), Result + (((((h * Positions) + i) * Width) + d) * Lanes) + lane);
                    }
                }
            }
        }
    }

    private struct MixTransposedKernel : IKernel
    {
        public float* A;
        public float* B;
        public float* Result;
        public float Scale;
        public int Heads;
        public nint Positions;
        public nint Width;
        public nint Lanes;

        public void Run<O, V>(int lane)
            where O : struct, ILanes<V>
            where V : struct
        {
            var scale = O.Create(Scale);
            for (nint h = 0; h < Heads; h++)
            {
                for (nint j = 0; j < Positions; j++)
                {
                    for (nint d = 0; d < Width; d++)
                    {
                        var p = A + (((h * Positions * Positions) + j) * Lanes) + lane;
                        var x = B + (((h * Positions * Width) + d) * Lanes) + lane;
                        var sum = O.Create(0f);
                        for (var i = j; i < Positions; i++)
                        {
                            sum = O.FusedMultiplyAdd(O.Load(p + (i * Positions * Lanes)), O.Load(x + (i * Width * Lanes)), sum);
                        }

                        O.Store(O.Multiply(scale, sum), Result + (((((h * Positions) + j) * Width) + d) * Lanes) + lane);
                    }
                }
            }
        }
    }
}
