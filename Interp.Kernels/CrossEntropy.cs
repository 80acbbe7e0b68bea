namespace Interp.Kernels;

/// <summary>Cross-entropy in nats from logits [rows, width] and targets [rows], which are integers stored as floats.</summary>
public static unsafe class CrossEntropy
{
    /// <summary>loss[r] = log sum over c of e^logits[r,c] - logits[r, targets[r]].</summary>
    /// <exception cref="ArgumentOutOfRangeException">A target is not an integer in [0, width).</exception>
    public static void Forward(ReadOnlySpan<float> logits, ReadOnlySpan<float> targets, Span<float> loss, int rows, int width, int lanes)
    {
        Check(logits.Length, targets, rows, width, lanes);
        Guard.Length(loss.Length, (long)rows * lanes);
        fixed (float* x = logits, t = targets, r = loss)
        {
            var kernel = new ForwardKernel { X = x, Targets = t, Loss = r, Rows = rows, Width = width, Lanes = lanes };
            Dispatch.Run(lanes, ref kernel);
        }
    }

    /// <summary>
    /// result[r,c] = (softmax of logits[r] at c, less 1 at the target) * g[r], where the softmax is taken from the loss that
    /// <see cref="Forward"/> found: e^(logits[r,c] - logits[r, targets[r]] - loss[r]).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A target is not an integer in [0, width).</exception>
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
        fixed (float* x = logits, t = targets, gradient = g, found = loss, r = result)
        {
            var kernel = new GradientKernel { X = x, Targets = t, G = gradient, Loss = found, Result = r, Rows = rows, Width = width, Lanes = lanes };
            Dispatch.Run(lanes, ref kernel);
        }
    }

    private static void Check(int logits, ReadOnlySpan<float> targets, int rows, int width, int lanes)
    {
        Guard.Sizes(rows, width);
        Guard.LaneCount(lanes);
        Guard.Length(logits, (long)rows * width * lanes);
        Guard.Length(targets.Length, (long)rows * lanes);
        Gather.CheckIndex(targets[..(rows * lanes)], width);
    }

    private struct ForwardKernel : IKernel
    {
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
            var chosen = stackalloc float[Guard.Lanes];
            for (nint row = 0; row < Rows; row++)
            {
                var x = X + (row * Width * Lanes) + lane;
                var target = Targets + (row * Lanes) + lane;
                Chosen<O, V>(x, target, chosen);
                O.Store(O.Subtract(SoftmaxRow.LogSumExp<O, V>(x, Width), O.Load(chosen)), Loss + (row * Lanes) + lane);
            }
        }
    }

    private struct GradientKernel : IKernel
    {
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
            var chosen = stackalloc float[Guard.Lanes];
            for (nint row = 0; row < Rows; row++)
            {
                var offset = (row * Width * Lanes) + lane;
                var x = X + offset;
                var result = Result + offset;
                var targets = Targets + (row * Lanes) + lane;
                Chosen<O, V>(x, targets, chosen);
                var total = O.Add(O.Load(Loss + (row * Lanes) + lane), O.Load(chosen));
                var g = O.Load(G + (row * Lanes) + lane);
                var target = O.Load(targets);
                var letter = O.Create(0f);
                for (nint c = 0; c < Width; c++)
                {
                    var p = Polynomials.ExpBelowOverflow<O, V>(O.Subtract(O.Load(x + (c * O.Stride)), total));
                    p = O.IfEqual(target, letter, O.Subtract(p, O.Create(1f)), p);
                    O.Store(O.Multiply(p, g), result + (c * O.Stride));
                    letter = O.Add(letter, O.Create(1f));
                }
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
