namespace Interp.Kernels;

public static unsafe partial class Causal
{
    /// <summary>Patterns from scores: the softmax over the keys up to each query. result may be the same span as scores.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative, or there are not 1 or 16 lanes.</exception>
    /// <exception cref="ArgumentException">An operand or the result is shorter than the sizes say.</exception>
    public static void Softmax(ReadOnlySpan<float> scores, Span<float> result, int heads, int positions, int lanes)
    {
        Check(heads, positions, 0, lanes, scores.Length, result.Length, scores.Length);
        Guard.Length(result.Length, (long)heads * positions * positions * lanes);
        fixed (float* x = scores, r = result, k = Polynomials.ExpCoefficients)
        {
            var kernel = new SoftmaxKernel { K = k, X = x, Result = r, Heads = heads, Positions = positions, Lanes = lanes };
            Dispatch.Run(lanes, ref kernel);
        }
    }

    /// <summary>The scores' gradient from the pattern's: p (g - sum over keys of p g) for each query. result may be the same span as the gradient.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative, or there are not 1 or 16 lanes.</exception>
    /// <exception cref="ArgumentException">An operand or the result is shorter than the sizes say.</exception>
    public static void SoftmaxGradient(ReadOnlySpan<float> pattern, ReadOnlySpan<float> gradient, Span<float> result, int heads, int positions, int lanes)
    {
        Check(heads, positions, 0, lanes, gradient.Length, result.Length, pattern.Length);
        Guard.Length(gradient.Length, (long)heads * positions * positions * lanes);
        Guard.Length(result.Length, (long)heads * positions * positions * lanes);
        fixed (float* p = pattern, g = gradient, r = result)
        {
            var kernel = new SoftmaxGradientKernel { P = p, G = g, Result = r, Heads = heads, Positions = positions, Lanes = lanes };
            Dispatch.Run(lanes, ref kernel);
        }
    }

    private struct SoftmaxKernel : IKernel
    {
        public float* K;
        public float* X;
        public float* Result;
        public nint Heads;
        public nint Positions;
        public nint Lanes;

        public void Run<O, V>(int lane)
            where O : struct, ILanes<V>
            where V : struct
        {
            // Rows of one length go together: a query's in four heads.
            var head = Positions * Positions * Lanes;
            for (nint h = 0; h < Heads; h += 4)
            {
                nint h1 = Math.Min(1, Heads - 1 - h) * head, h2 = Math.Min(2, Heads - 1 - h) * head, h3 = Math.Min(3, Heads - 1 - h) * head;
                for (nint i = 0; i < Positions; i++)
                {
                    var offset = (h * head) + (i * Positions * Lanes) + lane;
                    var x = X + offset;
                    var r = Result + offset;
                    if (h1 == 0)
                    {
                        SoftmaxRow.Forward<O, V>(x, r, i + 1);
                    }
                    else
                    {
                        SoftmaxRows.Forward<O, V>(x, r, h1, h2, h3, i + 1, K);
                    }
                }
            }
        }
    }

    private struct SoftmaxGradientKernel : IKernel
    {
        public float* P;
        public float* G;
        public float* Result;
        public nint Heads;
        public nint Positions;
        public nint Lanes;

        public void Run<O, V>(int lane)
            where O : struct, ILanes<V>
            where V : struct
        {
            var head = Positions * Positions * Lanes;
            for (nint h = 0; h < Heads; h += 4)
            {
                nint h1 = Math.Min(1, Heads - 1 - h) * head, h2 = Math.Min(2, Heads - 1 - h) * head, h3 = Math.Min(3, Heads - 1 - h) * head;
                for (nint i = 0; i < Positions; i++)
                {
                    var offset = (h * head) + (i * Positions * Lanes) + lane;
                    var p = P + offset;
                    var g = G + offset;
                    var r = Result + offset;
                    if (h1 == 0)
                    {
                        SoftmaxRow.Gradient<O, V>(p, g, r, i + 1);
                    }
                    else
                    {
                        SoftmaxRows.Gradient<O, V>(p, g, r, h1, h2, h3, i + 1);
                    }
                }
            }
        }
    }
}
