using System.Runtime.Intrinsics;

namespace Interp.Kernels;

/// <summary>Adam with decoupled weight decay (Loshchilov and Hutter 2019, "Decoupled weight decay regularization", arXiv:1711.05101), in PyTorch's order of operations.</summary>
public static unsafe class AdamW
{
    /// <summary>One step over flat arrays of one length; an output may be the same span as its input.</summary>
    /// <remarks>
    /// With w, m, v the weights and moments, g the gradient, t the step and c1 = 1 - beta1^t, c2 = 1 - beta2^t: m += (1 - beta1) (g - m); v = beta2 v + (1 - beta2) g^2;
    /// w = (1 - learningRate weightDecay) w - learningRate / c1 * m / (sqrt(v) / sqrt(c2) + epsilon). The constants are computed in float64 and rounded to float32 once.
    /// </remarks>
    /// <param name="weights">The weights before the step; their number is the length of everything.</param>
    /// <param name="firstMoment">The running mean of gradients before the step, 0 before the first.</param>
    /// <param name="secondMoment">The running mean of squared gradients before the step, 0 before the first.</param>
    /// <param name="gradient">The gradient of the loss at the weights.</param>
    /// <param name="weightsOut">The weights after the step.</param>
    /// <param name="firstMomentOut">The first moment after the step.</param>
    /// <param name="secondMomentOut">The second moment after the step.</param>
    /// <param name="learningRate">The step's size.</param>
    /// <param name="weightDecay">By how much of themselves, times the learning rate, weights shrink.</param>
    /// <param name="beta1">The first moment's decay a step.</param>
    /// <param name="beta2">The second moment's decay a step.</param>
    /// <param name="epsilon">What keeps the denominator from 0.</param>
    /// <param name="step">The number of this step, from 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The step is 0 or less.</exception>
    /// <exception cref="ArgumentException">An array is shorter than the weights.</exception>
    public static void Step(
        ReadOnlySpan<float> weights,
        ReadOnlySpan<float> firstMoment,
        ReadOnlySpan<float> secondMoment,
        ReadOnlySpan<float> gradient,
        Span<float> weightsOut,
        Span<float> firstMomentOut,
        Span<float> secondMomentOut,
        double learningRate,
        double weightDecay,
        double beta1,
        double beta2,
        double epsilon,
        long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(step);
        var n = weights.Length;
        Guard.Length(firstMoment.Length, n);
        Guard.Length(secondMoment.Length, n);
        Guard.Length(gradient.Length, n);
        Guard.Length(weightsOut.Length, n);
        Guard.Length(firstMomentOut.Length, n);
        Guard.Length(secondMomentOut.Length, n);

        var constants = new Constants
        {
            Decay = (float)(1 - (learningRate * weightDecay)),
            Rate1 = (float)(1 - beta1),
            Beta2 = (float)beta2,
            Rate2 = (float)(1 - beta2),
            RootCorrection = (float)Math.Sqrt(1 - Power(beta2, step)),
            Epsilon = (float)epsilon,
            NegativeStepSize = (float)(-learningRate / (1 - Power(beta1, step))),
        };
        fixed (float* w = weights, m = firstMoment, v = secondMoment, g = gradient, wOut = weightsOut, mOut = firstMomentOut, vOut = secondMomentOut)
        {
            nint done = 0;
            if (Vector512.IsHardwareAccelerated)
            {
                done = Run<Lanes16, Vector512<float>>(w, m, v, g, wOut, mOut, vOut, done, n, in constants);
            }

            if (Fused.InHardware)
            {
                done = Run<Lanes8, Vector256<float>>(w, m, v, g, wOut, mOut, vOut, done, n, in constants);
            }
            else
            {
                done = Run<Lanes4, Vector128<float>>(w, m, v, g, wOut, mOut, vOut, done, n, in constants);
            }

            Run<Lane1, float>(w, m, v, g, wOut, mOut, vOut, done, n, in constants);
        }
    }

    private static nint Run<O, V>(
        float* w,
        float* m,
        float* v,
        float* g,
        float* wOut,
        float* mOut,
        float* vOut,
        nint from,
        nint n,
        in Constants constants)
        where O : struct, ILanes<V>
        where V : struct
    {
        var decay = O.Create(constants.Decay);
        var rate1 = O.Create(constants.Rate1);
        var beta2 = O.Create(constants.Beta2);
        var rate2 = O.Create(constants.Rate2);
        var rootCorrection = O.Create(constants.RootCorrection);
        var epsilon = O.Create(constants.Epsilon);
        var negativeStepSize = O.Create(constants.NegativeStepSize);
        var i = from;
        for (; i <= n - O.Width; i += O.Width)
        {
            var gradient = O.Load(g + i);
            var first = O.Load(m + i);
            first = O.FusedMultiplyAdd(O.Subtract(gradient, first), rate1, first);
            var second = O.Multiply(O.Load(v + i), beta2);
            second = O.FusedMultiplyAdd(O.Multiply(gradient, gradient), rate2, second);
            var denominator = O.Add(O.Divide(O.Sqrt(second), rootCorrection), epsilon);
            var weight = O.Multiply(O.Load(w + i), decay);
            O.Store(O.FusedMultiplyAdd(O.Divide(first, denominator), negativeStepSize, weight), wOut + i);
            O.Store(first, mOut + i);
            O.Store(second, vOut + i);
        }

        return i;
    }

    /// <summary>x^n by squaring: the platform's power function may differ between machines.</summary>
    private static double Power(double x, long n)
    {
        var result = 1.0;
        for (; n > 0; n >>= 1, x *= x)
        {
            if ((n & 1) != 0)
            {
                result *= x;
            }
        }

        return result;
    }

    private struct Constants
    {
        public float Decay;
        public float Rate1;
        public float Beta2;
        public float Rate2;
        public float RootCorrection;
        public float Epsilon;
        public float NegativeStepSize;
    }
}
