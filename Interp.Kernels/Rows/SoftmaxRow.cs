using System.Runtime.CompilerServices;

namespace Interp.Kernels;

/// <summary>Softmax and its relatives over one row of n elements.</summary>
internal static unsafe class SoftmaxRow
{
    /// <summary>result = e^(x - max x) and returns the sum; result may be x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exponentials<O, V>(float* x, float* result, nint n, V max)
        where O : struct, ILanes<V>
        where V : struct
    {
        var sum = O.Create(0f);
        for (nint j = 0; j < n; j++)
        {
            var e = Polynomials.ExpBelowOverflow<O, V>(O.Subtract(O.Load(x + (j * O.Stride)), max));
            O.Store(e, result + (j * O.Stride));
            sum = O.Add(sum, e);
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Max<O, V>(float* x, nint n)
        where O : struct, ILanes<V>
        where V : struct
    {
        // Two chains: the maximum does not depend on the order.
        var even = O.Create(float.NegativeInfinity);
        var odd = even;
        nint j = 1;
        for (; j < n; j += 2)
        {
            even = O.Max(even, O.Load(x + ((j - 1) * O.Stride)));
            odd = O.Max(odd, O.Load(x + (j * O.Stride)));
        }

        return O.Max(j == n ? O.Max(even, O.Load(x + ((n - 1) * O.Stride))) : even, odd);
    }

    public static void Forward<O, V>(float* x, float* result, nint n)
        where O : struct, ILanes<V>
        where V : struct
    {
        var sum = Exponentials<O, V>(x, result, n, Max<O, V>(x, n));
        var factor = O.Divide(O.Create(1f), sum);
        for (nint j = 0; j < n; j++)
        {
            O.Store(O.Multiply(O.Load(result + (j * O.Stride)), factor), result + (j * O.Stride));
        }
    }

    /// <summary>result = y (g - sum of y g); result may be y or g.</summary>
    public static void Gradient<O, V>(float* y, float* g, float* result, nint n)
        where O : struct, ILanes<V>
        where V : struct
    {
        var sum = O.Create(0f);
        for (nint j = 0; j < n; j++)
        {
            sum = O.FusedMultiplyAdd(O.Load(y + (j * O.Stride)), O.Load(g + (j * O.Stride)), sum);
        }

        for (nint j = 0; j < n; j++)
        {
            O.Store(O.Multiply(O.Load(y + (j * O.Stride)), O.Subtract(O.Load(g + (j * O.Stride)), sum)), result + (j * O.Stride));
        }
    }
}
