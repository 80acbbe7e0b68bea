namespace Interp.Kernels;

public static unsafe partial class Causal
{
    /// <summary>Softmax over the keys up to each query; result may be the same span as scores.</summary>
    public static void Softmax(ReadOnlySpan<float> scores, Span<float> result, int heads, int positions, int lanes)
    {
        Check(heads, positions, 0, lanes, scores.Length, result.Length, scores.Length);
        Guard.Length(result.Length, (long)heads * positions * positions * lanes);
        fixed (float* x = scores, r = result)
        {
            var kernel = new SoftmaxKernel { X = x, Result = r, Heads = heads, Positions = positions, Lanes = lanes };
            Dispatch.Run(lanes, ref kernel);
        }
    }

    /// <summary>p (g - sum over keys of p g) for each query; result may be the same span as the gradient.</summary>
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
        public float* X;
        public float* Result;
        public nint Heads;
        public nint Positions;
        public nint Lanes;

        public void Run<O, V>(int lane)
            where O : struct, ILanes<V>
            where V : struct
        {
            for (nint row = 0; row < Heads * Positions; row++)
            {
                var offset = (row * Positions * Lanes) + lane;
                SoftmaxRow.Forward<O, V>(X + offset, Result + offset, (row % Positions) + 1);
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
            for (nint row = 0; row < Heads * Positions; row++)
            {
                var offset = (row * Positions * Lanes) + lane;
                SoftmaxRow.Gradient<O, V>(P + offset, G + offset, Result + offset, (row % Positions) + 1);
            }
        }
    }
}
