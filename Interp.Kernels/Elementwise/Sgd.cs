using System.Runtime.Intrinsics;

namespace Interp.Kernels;

/// <summary>Stochastic gradient descent with momentum, in PyTorch's order of operations.</summary>
public static unsafe class Sgd
{
    /// <summary>One step over flat arrays of one length; an output may be the same span as its input.</summary>
    /// <remarks>
    /// With w the weights, g the gradient and b its running sum: d = g + weightDecay w; b = momentum b + d; w -= learningRate b, or with Nesterov's momentum
    /// (Sutskever et al. 2013) w -= learningRate (d + momentum b). Weight decay goes through the momentum: it is not decoupled, as AdamW's is.
    /// </remarks>
    /// <param name="weights">The weights before the step; their number is the length of everything.</param>
    /// <param name="buffer">b before the step, 0 before the first; where the momentum is 0 it may be empty.</param>
    /// <param name="gradient">The gradient of the loss at the weights.</param>
    /// <param name="weightsOut">The weights after the step.</param>
    /// <param name="bufferOut">b after the step; where the momentum is 0 it may be empty.</param>
    /// <param name="learningRate">The step's size.</param>
    /// <param name="weightDecay">By how much of the weights the gradient grows.</param>
    /// <param name="momentum">How much of b stays from step to step.</param>
    /// <param name="nesterov">Whether the step looks ahead along b.</param>
    /// <exception cref="ArgumentException">An array is shorter than the weights.</exception>
    public static void Step(
        ReadOnlySpan<float> weights,
        ReadOnlySpan<float> buffer,
        ReadOnlySpan<float> gradient,
        Span<float> weightsOut,
        Span<float> bufferOut,
        double learningRate,
        double weightDecay,
        double momentum,
        bool nesterov)
    {
        var n = weights.Length;
        Guard.Length(gradient.Length, n);
        Guard.Length(weightsOut.Length, n);
        if (momentum != 0)
        {
            Guard.Length(buffer.Length, n);
            Guard.Length(bufferOut.Length, n);
        }

        var constants = new Constants
        {
            NegativeRate = (float)-learningRate,
            Decay = (float)weightDecay,
            Momentum = (float)momentum,
            Nesterov = nesterov,
        };
        fixed (float* w = weights, b = buffer, g = gradient, wOut = weightsOut, bOut = bufferOut)
        {
            nint done = 0;
            if (Vector512.IsHardwareAccelerated)
            {
                done = Run<Lanes16, Vector512<float>>(w, b, g, wOut, bOut, done, n, in constants);
            }

            if (Fused.InHardware)
            {
                done = Run<Lanes8, Vector256<float>>(w, b, g, wOut, bOut, done, n, in constants);
            }
            else
            {
                done = Run<Lanes4, Vector128<float>>(w, b, g, wOut, bOut, done, n, in constants);
            }

            Run<Lane1, float>(w, b, g, wOut, bOut, done, n, in constants);
        }
    }

    private static nint Run<O, V>(float* w, float* b, float* g, float* wOut, float* bOut, nint from, nint n, in Constants constants)
        where O : struct, ILanes<V>
        where V : struct
    {
        var negativeRate = O.Create(constants.NegativeRate);
        var decay = O.Create(constants.Decay);
        var momentum = O.Create(constants.Momentum);
        var i = from;
        for (; i <= n - O.Width; i += O.Width)
        {
            var weight = O.Load(w + i);
            var direction = O.FusedMultiplyAdd(weight, decay, O.Load(g + i));
            if (constants.Momentum != 0)
            {
                var sum = O.Add(O.Multiply(O.Load(b + i), momentum), direction);
                direction = constants.Nesterov ? O.FusedMultiplyAdd(sum, momentum, direction) : sum;
                O.Store(sum, bOut + i);
            }

            O.Store(O.FusedMultiplyAdd(direction, negativeRate, weight), wOut + i);
        }

        return i;
    }

    private struct Constants
    {
        public float NegativeRate;
        public float Decay;
        public float Momentum;
        public bool Nesterov;
    }
}
