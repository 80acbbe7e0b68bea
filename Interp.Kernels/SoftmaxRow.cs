using System.Runtime.CompilerServices;

namespace Interp.Kernels;

/// <summary>Softmax and its relatives over one row of n elements, each of <c>lanes</c> floats.</summary>
internal static unsafe class SoftmaxRow
{
    /// <summary>result = e^(x - max x) and returns the sum; result may be x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exponentials<O, V>(float* x, float* result, nint n, nint lanes, V max)
        where O : struct, ILanes<V>
        where V : struct
    {
        var sum = O.Create(0f);
        for (nint j = 0; j < n; j++)
        {
            var e = Polynomials.Exp<O, V>(O.Subtract(O.Load(x + (j * lanes)), max));
            O.Store(e, result + (j * lanes));
            sum = O.Add(sum, e);
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Max<O, V>(float* x, nint n, nint lanes)
        where O : struct, ILanes<V>
        where V : struct
    {
        var max = O.Create(float.NegativeInfinity);
        for (nint j = 0; j < n; j++)
        {
            max = O.Max(max, O.Load(x + (j * lanes)));
        }

        return max;
    }

    public static void Forward<O, V>(float* x, float* result, nint n, nint lanes)
        where O : struct, ILanes<V>
        where V : struct
    {
        var sum = Exponentials<O, V>(x, result, n, lanes, Max<O, V>(x, n, lanes));
        var factor = O.Divide(O.Create(1f), sum);
        for (nint j = 0; j < n; j++)
        {
            O.Store(O.Multiply(O.Load(result + (j * lanes)), factor), result + (j * lanes));
        }
    }

    /// <summary>result = y (g - sum of y g); result may be y or g.</summary>
    public static void Gradient<O, V>(float* y, float* g, float* result, nint n, nint lanes)
        where O : struct, ILanes<V>
        where V : struct
    {
        var sum = O.Create(0f);
        for (nint j = 0; j < n; j++)
        {
            sum = O.FusedMultiplyAdd(O.Load(y + (j * lanes)), O.Load(g + (j * lanes)), sum);
        }

        for (nint j = 0; j < n; j++)
        {
            O.Store(O.Multiply(O.Load(y + (j * lanes)), O.Subtract(O.Load(g + (j * lanes)), sum)), result + (j * lanes));
        }
    }

    /// <summary>max + log of the sum of e^(x - max).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LogSumExp<O, V>(float* x, nint n, nint lanes)
        where O : struct, ILanes<V>
        where V : struct
    {
        var max = Max<O, V>(x, n, lanes);
        var sum = O.Create(0f);
        for (nint j = 0; j < n; j++)
        {
            sum = O.Add(sum, Polynomials.Exp<O, V>(O.Subtract(O.Load(x + (j * lanes)), max)));
        }

        return O.Add(max, Polynomials.Log<O, V>(sum));
    }
}
