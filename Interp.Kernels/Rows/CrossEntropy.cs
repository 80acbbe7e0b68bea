namespace Interp.Kernels;

/// <summary>Cross-entropy in nats of logits [rows, width] and targets [rows], which are integers stored as floats; 1 or 16 lanes an element.</summary>
public static unsafe class CrossEntropy
{
    /// <summary>
    /// loss[r] = log of the sum over c of e^(logits[r,c] - max of logits[r]) - (logits[r, targets[r]] - max of logits[r]): the largest is subtracted first, so that
    /// nothing is lost beside it. +infinity where the target's logit alone is -infinity; NaN where the largest is infinite or a logit is NaN.
    /// </summary>
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

    /// <summary>result[r,c] = (softmax of logits[r] at c, less 1 at the target) * g[r]; result may be logits.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A target is not an integer in [0, width), a size is negative, or there are not 1 or 16 lanes.</exception>
    /// <exception cref="ArgumentException">An operand or the result is shorter than the sizes say.</exception>
    public static void Gradient(
        ReadOnlySpan<float> logits,
        ReadOnlySpan<float> targets,
        ReadOnlySpan<float> g,
        Span<float> result,
        int rows,
        int width,
        int lanes)
    {
        Check(logits.Length, targets, rows, width, lanes);
        Guard.Length(g.Length, (long)rows * lanes);
        Guard.Length(result.Length, (long)rows * width * lanes);
        fixed (float* x = logits, t = targets, gradient = g, r = result, k = Polynomials.ExpCoefficients)
        {
            var kernel = new GradientKernel { K = k, X = x, Targets = t, G = gradient, Result = r, Rows = rows, Width = width, Lanes = lanes };
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

    /// <summary>1 for each row [rows, width] in which no element is above the target's and none before it is as large, else 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A target is not an integer in [0, width), a size is negative, or there are not 1 or 16 lanes.</exception>
    /// <exception cref="ArgumentException">An operand or the result is shorter than the sizes say.</exception>
    public static void IsLikeliest(ReadOnlySpan<float> x, ReadOnlySpan<float> targets, Span<float> result, int rows, int width, int lanes)
    {
        Check(x.Length, targets, rows, width, lanes);
        Guard.Length(result.Length, (long)rows * lanes);
        for (var row = 0; row < rows; row++)
        {
            for (var lane = 0; lane < lanes; lane++)
            {
                var at = (row * lanes) + lane;
                var target = (int)targets[at];
                var place = (row * width * lanes) + lane;
                var own = x[place + (target * lanes)];
                var hits = !float.IsNaN(own);
                for (var i = 0; i < width; i++, place += lanes)
                {
                    hits &= i < target ? x[place] < own : x[place] <= own;
                }

                result[at] = hits ? 1f : 0f;
            }
        }
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
            var maxima = stackalloc float[9 * Guard.Lanes];
            var logs = maxima + (4 * Guard.Lanes);
            var chosen = logs + (4 * Guard.Lanes);
            nint step = Width * Lanes;
            for (nint row = 0; row < Rows; row += 4)
            {
                var rows = Math.Min(4, Rows - row);
                var x = X + (row * step) + lane;
                SoftmaxRows.Totals<O, V>(x, maxima, logs, Math.Min(1, rows - 1) * step, Math.Min(2, rows - 1) * step, (rows - 1) * step, Width, K);
                for (nint r = 0; r < rows; r++)
                {
                    var at = ((row + r) * Lanes) + lane;
                    var max = O.Load(maxima + (r * Guard.Lanes));
                    var shifted = O.Subtract(Chosen<O, V>(x + (r * step), Targets + at, chosen), max);
                    var log = SoftmaxRows.Defined<O, V>(max, O.Load(logs + (r * Guard.Lanes)));
                    O.Store(O.Subtract(log, shifted), Loss + at);
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
        public float* Result;
        public nint Rows;
        public nint Width;
        public nint Lanes;

        public void Run<O, V>(int lane)
            where O : struct, ILanes<V>
            where V : struct
        {
            var shares = stackalloc float[8 * Guard.Lanes];
            var atTarget = shares + (4 * Guard.Lanes);
            nint step = Width * Lanes;
            for (nint row = 0; row < Rows; row += 4)
            {
                // The last row again where fewer than four are left.
                var last = Math.Min(4, Rows - row) - 1;
                nint o1 = Math.Min(1, last) * step, o2 = Math.Min(2, last) * step, o3 = last * step;
                var result = Result + (row * step) + lane;
                SoftmaxRows.Exponentials<O, V>(X + (row * step) + lane, result, shares, o1, o2, o3, Width, K);
                for (nint r = 0; r < 4; r++)
                {
                    var from = Math.Min(r, last);
                    var at = ((row + from) * Lanes) + lane;
                    var share = O.Load(shares + (r * Guard.Lanes));
                    var g = O.Load(G + at);
                    var p = O.Multiply(Chosen<O, V>(result + (from * step), Targets + at, atTarget + (r * Guard.Lanes)), share);
                    O.Store(O.Multiply(O.Subtract(p, O.Create(1f)), g), atTarget + (r * Guard.Lanes));
                    O.Store(O.Multiply(share, g), shares + (r * Guard.Lanes));
                }

                SoftmaxRows.Scale<O, V>(result, shares, o1, o2, o3, Width);
                for (nint r = 0; r <= last; r++)
                {
                    var targets = Targets + ((row + r) * Lanes) + lane;
                    for (nint l = 0; l < O.Width; l++)
                    {
                        result[(r * step) + ((nint)targets[l] * O.Stride) + l] = atTarget[(r * Guard.Lanes) + l];
                    }
                }
            }
        }
    }

    /// <summary>A row's elements at its targets, by way of <paramref name="chosen"/>.</summary>
    private static V Chosen<O, V>(float* x, float* targets, float* chosen)
        where O : struct, ILanes<V>
        where V : struct
    {
        for (nint l = 0; l < O.Width; l++)
        {
            chosen[l] = x[((nint)targets[l] * O.Stride) + l];
        }

        return O.Load(chosen);
    }
}
