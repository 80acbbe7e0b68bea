namespace Interp.Kernels;

/// <summary>Softmax over the last axis of [rows, width], contiguous, with 1 or 16 lanes an element.</summary>
public static unsafe class Softmax
{
    /// <summary>result[r,c] = e^x[r,c] / sum over c of e^x[r,c]; result may be x.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative, or there are not 1 or 16 lanes.</exception>
    /// <exception cref="ArgumentException">An operand or the result is shorter than the sizes say.</exception>
    public static void Forward(ReadOnlySpan<float> x, Span<float> result, int rows, int width, int lanes)
    {
        Check(x.Length, result.Length, rows, width, lanes);
        fixed (float* source = x, target = result, k = Polynomials.ExpCoefficients)
        {
            var kernel = new Kernel { K = k, Operation = Operation.Forward, X = source, Result = target, Rows = rows, Width = width, Lanes = lanes };
            Dispatch.Run(lanes, ref kernel);
        }
    }

    /// <summary>result = y (g - sum over the row of y g), with y the softmax; result may be y or g.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative, or there are not 1 or 16 lanes.</exception>
    /// <exception cref="ArgumentException">An operand or the result is shorter than the sizes say.</exception>
    public static void Gradient(ReadOnlySpan<float> y, ReadOnlySpan<float> g, Span<float> result, int rows, int width, int lanes)
    {
        Check(y.Length, result.Length, rows, width, lanes);
        Guard.Length(g.Length, (long)rows * width * lanes);
        fixed (float* source = y, gradient = g, target = result, k = Polynomials.ExpCoefficients)
        {
            var kernel = new Kernel { K = k, Operation = Operation.Gradient, X = source, G = gradient, Result = target, Rows = rows, Width = width, Lanes = lanes };
            Dispatch.Run(lanes, ref kernel);
        }
    }

    /// <summary>result[r,c] = x[r,c] - max of x[r] - log of the sum over c of e^(x[r,c] - max of x[r]); result may be x.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative, or there are not 1 or 16 lanes.</exception>
    /// <exception cref="ArgumentException">An operand or the result is shorter than the sizes say.</exception>
    public static void Logarithms(ReadOnlySpan<float> x, Span<float> result, int rows, int width, int lanes)
    {
        Check(x.Length, result.Length, rows, width, lanes);
        fixed (float* source = x, target = result, k = Polynomials.ExpCoefficients)
        {
            var kernel = new Kernel { K = k, Operation = Operation.Logarithms, X = source, Result = target, Rows = rows, Width = width, Lanes = lanes };
            Dispatch.Run(lanes, ref kernel);
        }
    }

    /// <summary>result[r] = the logarithm of the sum over c of e^x[r,c]; -infinity for nothing but -infinity, +infinity where there is one, NaN where there is one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative, or there are not 1 or 16 lanes.</exception>
    /// <exception cref="ArgumentException">An operand or the result is shorter than the sizes say.</exception>
    public static void LogSumExp(ReadOnlySpan<float> x, Span<float> result, int rows, int width, int lanes)
    {
        Check(x.Length, int.MaxValue, rows, width, lanes);
        Guard.Length(result.Length, (long)rows * lanes);
        if (width == 0)
        {
            result[..(rows * lanes)].Fill(float.NegativeInfinity);
            return;
        }

        fixed (float* source = x, target = result, k = Polynomials.ExpCoefficients)
        {
            var kernel = new Kernel { K = k, Operation = Operation.LogSumExp, X = source, Result = target, Rows = rows, Width = width, Lanes = lanes };
            Dispatch.Run(lanes, ref kernel);
        }
    }

    private enum Operation
    {
        Forward,
        Gradient,
        LogSumExp,
        Logarithms,
    }

    private static void Check(int x, int result, int rows, int width, int lanes)
    {
        Guard.Sizes(rows, width);
        Guard.LaneCount(lanes);
        Guard.Length(x, (long)rows * width * lanes);
        Guard.Length(result, (long)rows * width * lanes);
    }

    private struct Kernel : IKernel
    {
        public Operation Operation;
        public float* K;
        public float* X;
        public float* G;
        public float* Result;
        public nint Rows;
        public nint Width;
        public nint Lanes;

        public void Run<O, V>(int lane)
            where O : struct, ILanes<V>
            where V : struct
        {
            var maxima = stackalloc float[8 * Guard.Lanes];
            var logs = maxima + (4 * Guard.Lanes);
            nint step = Width * Lanes;
            for (nint row = 0; row < Rows; row += 4)
            {
                var rows = Math.Min(4, Rows - row);
                nint o1 = Math.Min(1, rows - 1) * step, o2 = Math.Min(2, rows - 1) * step, o3 = (rows - 1) * step;
                var offset = (row * step) + lane;
                switch (Operation)
                {
                    case Operation.Forward:
                        SoftmaxRows.Forward<O, V>(X + offset, Result + offset, o1, o2, o3, Width, K);
                        break;
                    case Operation.Gradient:
                        SoftmaxRows.Gradient<O, V>(X + offset, G + offset, Result + offset, o1, o2, o3, Width);
                        break;
                    case Operation.LogSumExp:
                        SoftmaxRows.Totals<O, V>(X + offset, maxima, logs, o1, o2, o3, Width, K);
                        for (nint r = 0; r < rows; r++)
                        {
                            var sum = O.Add(O.Load(maxima + (r * Guard.Lanes)), O.Load(logs + (r * Guard.Lanes)));
                            O.Store(sum, Result + ((row + r) * Lanes) + lane);
                        }

                        break;
                    default:
                        SoftmaxRows.Totals<O, V>(X + offset, maxima, logs, o1, o2, o3, Width, K);
                        for (nint r = 0; r < rows; r++)
                        {
                            var max = O.Load(maxima + (r * Guard.Lanes));
                            var log = SoftmaxRows.Defined<O, V>(max, O.Load(logs + (r * Guard.Lanes)));
                            for (var at = offset + (r * step); at < offset + ((r + 1) * step); at += O.Stride)
                            {
                                O.Store(O.Subtract(O.Subtract(O.Load(X + at), max), log), Result + at);
                            }
                        }

                        break;
                }
            }
        }
    }
}
