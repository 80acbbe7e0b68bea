namespace Interp.Kernels;

/// <summary>
/// Smeared keys (Olsson et al. 2022, "In-context learning and induction heads"): each key is a mixture of its own and the one before it.
/// Keys are [head, pos, width], the weight s of a position's own key is [head, pos-1], for the positions from 1 on; 1 or 16 lanes an element.
/// </summary>
public static unsafe class Smear
{
    /// <summary>result[h,0] = keys[h,0]; result[h,t] = s keys[h,t] + (1 - s) keys[h,t-1] with s = weight[h,t-1].</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative, or there are not 1 or 16 lanes.</exception>
    /// <exception cref="ArgumentException">An operand or the result is shorter than the sizes say.</exception>
    public static void Forward(ReadOnlySpan<float> keys, ReadOnlySpan<float> weight, Span<float> result, int heads, int positions, int width, int lanes, int weightLanes)
    {
        Check(keys.Length, result.Length, weight.Length, heads, positions, width, lanes, weightLanes);
        fixed (float* x = keys, s = weight, r = result)
        {
            var kernel = new Kernel { Operation = Operation.Forward, X = x, S = s, Result = r, Heads = heads, Positions = positions, Width = width, Lanes = lanes, WeightLanes = weightLanes };
            Dispatch.Run(lanes, ref kernel);
        }
    }

    /// <summary>The gradient with respect to the keys: result[h,t] = s[t] g[h,t] + (1 - s[t+1]) g[h,t+1], with s = 1 at position 0 and nothing after the last.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative, or there are not 1 or 16 lanes.</exception>
    /// <exception cref="ArgumentException">An operand or the result is shorter than the sizes say.</exception>
    public static void KeysGradient(ReadOnlySpan<float> g, ReadOnlySpan<float> weight, Span<float> result, int heads, int positions, int width, int lanes, int weightLanes)
    {
        Check(g.Length, result.Length, weight.Length, heads, positions, width, lanes, weightLanes);
        fixed (float* x = g, s = weight, r = result)
        {
            var kernel = new Kernel { Operation = Operation.KeysGradient, X = x, S = s, Result = r, Heads = heads, Positions = positions, Width = width, Lanes = lanes, WeightLanes = weightLanes };
            Dispatch.Run(lanes, ref kernel);
        }
    }

    /// <summary>The gradient with respect to the weights: result[h,t-1] = sum over the width of g[h,t] (keys[h,t] - keys[h,t-1]).</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative, or there are not 1 or 16 lanes.</exception>
    /// <exception cref="ArgumentException">An operand or the result is shorter than the sizes say.</exception>
    public static void WeightGradient(ReadOnlySpan<float> g, ReadOnlySpan<float> keys, Span<float> result, int heads, int positions, int width, int lanes)
    {
        Check(g.Length, keys.Length, result.Length, heads, positions, width, lanes, lanes);
        fixed (float* x = g, s = keys, r = result)
        {
            var kernel = new Kernel { Operation = Operation.WeightGradient, X = x, S = s, Result = r, Heads = heads, Positions = positions, Width = width, Lanes = lanes, WeightLanes = lanes };
            Dispatch.Run(lanes, ref kernel);
        }
    }

    private enum Operation
    {
        Forward,
        KeysGradient,
        WeightGradient,
    }

    private static void Check(int first, int second, int weight, int heads, int positions, int width, int lanes, int weightLanes)
    {
        Guard.Sizes(heads, positions, width);
        Guard.LaneCount(lanes);
        Guard.LaneCount(weightLanes);
        if (weightLanes > lanes)
        {
            throw new ArgumentException($"Weights with {weightLanes} lanes need keys with as many, not {lanes}.", nameof(weightLanes));
        }

        Guard.Length(first, (long)heads * positions * width * lanes);
        Guard.Length(second, (long)heads * positions * width * lanes);
        Guard.Length(weight, (long)heads * Math.Max(0, positions - 1) * weightLanes);
    }

    private struct Kernel : IKernel
    {
        public Operation Operation;
        public float* X;
        public float* S;
        public float* Result;
        public nint Heads;
        public nint Positions;
        public nint Width;
        public nint Lanes;
        public nint WeightLanes;

        public void Run<O, V>(int lane)
            where O : struct, ILanes<V>
            where V : struct
        {
            var row = Width * Lanes;
            for (nint h = 0; h < Heads; h++)
            {
                var start = (h * Positions * row) + lane;
                for (nint t = 0; t < Positions; t++)
                {
                    var x = X + start + (t * row);
                    var result = Result + start + (t * row);
                    switch (Operation)
                    {
                        case Operation.Forward:
                            Forward<O, V>(x, result, h, t, lane);
                            break;
                        case Operation.KeysGradient:
                            KeysGradient<O, V>(x, result, h, t, lane);
                            break;
                        default:
                            if (t > 0)
                            {
                                WeightGradient<O, V>(x, S + start + (t * row), Result + (((h * (Positions - 1)) + t - 1) * Lanes) + lane);
                            }

                            break;
                    }
                }
            }
        }

        private readonly V Weight<O, V>(nint h, nint t, int lane)
            where O : struct, ILanes<V>
            where V : struct
        {
            var at = (h * (Positions - 1)) + t - 1;
            return WeightLanes == 1 ? O.Create(S[at]) : O.Load(S + (at * WeightLanes) + lane);
        }

        private readonly void Forward<O, V>(float* x, float* result, nint h, nint t, int lane)
            where O : struct, ILanes<V>
            where V : struct
        {
            var row = Width * Lanes;
            if (t == 0)
            {
                for (nint d = 0; d < row; d += Lanes)
                {
                    O.Store(O.Load(x + d), result + d);
                }

                return;
            }

            var own = Weight<O, V>(h, t, lane);
            var other = O.Subtract(O.Create(1f), own);
            for (nint d = 0; d < row; d += Lanes)
            {
                O.Store(O.FusedMultiplyAdd(own, O.Load(x + d), O.Multiply(other, O.Load(x + d - row))), result + d);
            }
        }

        private readonly void KeysGradient<O, V>(float* g, float* result, nint h, nint t, int lane)
            where O : struct, ILanes<V>
            where V : struct
        {
            var row = Width * Lanes;
            var own = t == 0 ? O.Create(1f) : Weight<O, V>(h, t, lane);
            var next = t == Positions - 1 ? O.Create(0f) : O.Subtract(O.Create(1f), Weight<O, V>(h, t + 1, lane));
            for (nint d = 0; d < row; d += Lanes)
            {
                var sum = O.Multiply(own, O.Load(g + d));
                if (t < Positions - 1)
                {
                    sum = O.FusedMultiplyAdd(next, O.Load(g + row + d), sum);
                }

                O.Store(sum, result + d);
            }
        }

        private readonly void WeightGradient<O, V>(float* g, float* keys, float* result)
            where O : struct, ILanes<V>
            where V : struct
        {
            var row = Width * Lanes;
            var sum = O.Create(0f);
            for (nint d = 0; d < row; d += Lanes)
            {
                sum = O.FusedMultiplyAdd(O.Load(g + d), O.Subtract(O.Load(keys + d), O.Load(keys + d - row)), sum);
            }

            O.Store(sum, result);
        }
    }
}
