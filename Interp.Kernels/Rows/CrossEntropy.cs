namespace Interp.Kernels;

/// <summary>Cross-entropy in nats of logits [rows, width] and targets [rows], which are integers stored as floats; 1 or 16 lanes an element.</summary>
public static unsafe class CrossEntropy
{
    /// <summary>loss[r] = log sum over c of e^logits[r,c] - logits[r, targets[r]].</summary>
    /// <exception cref="ArgumentOutOfRangeException">A target is not an integer in [0, width), a size is negative, or there are not 1 or 16 lanes.</exception>
    /// <exception cref="ArgumentException">An operand or the result is shorter than the sizes say.</exception>
    public static void Forward(ReadOnlySpan<float> logits, ReadOnlySpan<float> targets, Span<float> loss, int rows, int width, int lanes)
    {
        Check(logits.Length, targets, rows, width, lanes);
        Guard.Length(loss.Length, (long)rows * lanes);
        fixed (float* x = logits, t = targets, r = loss, k = Polynomials.ExpCoefficients)
        {
            var kernel = new ForwardKernel { K = k, X = x, Targets = t, Loss = r, Rows = rows, Width = width, Lanes = lanes };
            Dispatch.Run(lanes, ref kernel);
        }
    }

    /// <summary>
    /// result[r,c] = (softmax of logits[r] at c, less 1 at the target) * g[r], where the softmax is taken from the loss that
    /// <see cref="Forward"/> found: e^(logits[r,c] - logits[r, targets[r]] - loss[r]).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A target is not an integer in [0, width), a size is negative, or there are not 1 or 16 lanes.</exception>
    /// <exception cref="ArgumentException">An operand or the result is shorter than the sizes say.</exception>
    public static void Gradient(
        ReadOnlySpan<float> logits,
        ReadOnlySpan<float> targets,
        ReadOnlySpan<float> g,
        ReadOnlySpan<float> loss,
        Span<float> result,
        int rows,
        int width,
        int lanes)
    {
        Check(logits.Length, targets, rows, width, lanes);
        Guard.Length(g.Length, (long)rows * lanes);
        Guard.Length(loss.Length, (long)rows * lanes);
        Guard.Length(result.Length, (long)rows * width * lanes);
        fixed (float* x = logits, t = targets, gradient = g, found = loss, r = result, k = Polynomials.ExpCoefficients)
        {
            var kernel = new GradientKernel { K = k, X = x, Targets = t, G = gradient, Loss = found, Result = r, Rows = rows, Width = width, Lanes = lanes };
            Dispatch.Run(lanes, ref kernel);
        }
    }

    private static void Check(int logits, ReadOnlySpan<float> targets, int rows, int width, int lanes)
    {
        Guard.Sizes(rows, width);
        Guard.LaneCount(lanes);
        Guard.Length(logits, (long)rows * width * lanes);
        Guard.Length(targets.Length, (long)rows * lanes);
        Guard.Index(targets[..(rows * lanes)], width);
    }

    private struct ForwardKernel : IKernel
    {
        public float* K;
        public float* X;
        public float* Targets;
        public float* Loss;
        public nint Rows;
        public nint Width;
        public nint Lanes;

        public void Run<O, V>(int lane)
            where O : struct, ILanes<V>
            where V : struct
        {
            var chosen = stackalloc float[8 * Guard.Lanes];
            var sums = chosen + (4 * Guard.Lanes);
            nint step = Width * Lanes;
            for (nint row = 0; row < Rows; row += 4)
            {
                var rows = Math.Min(4, Rows - row);
                var x = X + (row * step) + lane;
                for (nint r = 0; r < rows; r++)
                {
                    Chosen<O, V>(x + (r * step), Targets + ((row + r) * Lanes) + lane, chosen + (r * Guard.Lanes));
                }

                SoftmaxRows.LogSumExp<O, V>(x, sums, Math.Min(1, rows - 1) * step, Math.Min(2, rows - 1) * step, (rows - 1) * step, Width, K);
                for (nint r = 0; r < rows; r++)
                {
                    O.Store(O.Subtract(O.Load(sums + (r * Guard.Lanes)), O.Load(chosen + (r * Guard.Lanes))), Loss + ((row + r) * Lanes) + lane);
                }
            }
        }
    }

    private struct GradientKernel : IKernel
    {
        public float* K;
        public float* X;
        public float* Targets;
        public float* G;
        public float* Loss;
        public float* Result;
        public nint Rows;
        public nint Width;
        public nint Lanes;

        public void Run<O, V>(int lane)
            where O : struct, ILanes<V>
            where V : struct
        {
            var totals = stackalloc float[12 * Guard.Lanes];
            var targets = totals + (4 * Guard.Lanes);
            var g = targets + (4 * Guard.Lanes);
            nint step = Width * Lanes;
            for (nint row = 0; row < Rows; row += 4)
            {
                // The last row again where fewer than four are left.
                var x = X + (row * step) + lane;
                var last = Math.Min(4, Rows - row) - 1;
                for (nint r = 0; r < 4; r++)
                {
                    var from = Math.Min(r, last);
                    var at = ((row + from) * Lanes) + lane;
                    Chosen<O, V>(x + (from * step), Targets + at, totals + (r * Guard.Lanes));
                    O.Store(O.Load(Targets + at), targets + (r * Guard.Lanes));
                    O.Store(O.Load(G + at), g + (r * Guard.Lanes));
                }

                for (nint r = 0; r < 4; r++)
                {
                    var total = totals + (r * Guard.Lanes);
                    O.Store(O.Add(O.Load(Loss + ((row + Math.Min(r, last)) * Lanes) + lane), O.Load(total)), total);
                }

                SoftmaxRows.CrossEntropyGradient<O, V>(
                    x, totals, targets, g, Result + (row * step) + lane, Math.Min(1, last) * step, Math.Min(2, last) * step, last * step, Width, K);
            }
        }
    }

    /// <summary>The logits of a row's targets.</summary>
    private static void Chosen<O, V>(float* x, float* targets, float* chosen)
        where O : struct, ILanes<V>
        where V : struct
    {
        for (nint l = 0; l < O.Width; l++)
        {
            chosen[l] = x[((nint)targets[l] * O.Stride) + l];
        }
    }
}
