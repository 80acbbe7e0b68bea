using System.Runtime.CompilerServices;

namespace Interp.Kernels;

/// <summary>
/// The rows of <see cref="SoftmaxRow"/> four at a time, each in its own order of operations: four chains in flight instead of one, and a quarter of the loops.
/// </summary>
/// <remarks>
/// The other three rows begin o1, o2 and o3 floats after the first. A row may be given twice, and a result may be its operand: within a step everything is
/// read before anything is written. k points to <see cref="Polynomials.ExpCoefficients"/>.
/// </remarks>
internal static unsafe class SoftmaxRows
{
    /// <summary>result = e^(x - max x) over the row's sum of these.</summary>
    public static void Forward<O, V>(float* x, float* result, nint o1, nint o2, nint o3, nint n, float* k)
        where O : struct, ILanes<V>
        where V : struct
    {
        var shares = stackalloc float[4 * Guard.Lanes];
        Exponentials<O, V>(x, result, shares, o1, o2, o3, n, k);
        Scale<O, V>(result, shares, o1, o2, o3, n);
    }

    /// <summary>result = e^(x - max x); one over row r's sum of these goes to shares + 16 r.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Exponentials<O, V>(float* x, float* result, float* shares, nint o1, nint o2, nint o3, nint n, float* k)
        where O : struct, ILanes<V>
        where V : struct
    {
        var end = n * O.Stride;
        V m0 = O.Create(float.NegativeInfinity), m1 = m0, m2 = m0, m3 = m0;
        for (nint at0 = 0, at1 = o1, at2 = o2, at3 = o3; at0 < end; at0 += O.Stride, at1 += O.Stride, at2 += O.Stride, at3 += O.Stride)
        {
            m0 = O.Max(m0, O.Load(x + at0));
            m1 = O.Max(m1, O.Load(x + at1));
            m2 = O.Max(m2, O.Load(x + at2));
            m3 = O.Max(m3, O.Load(x + at3));
        }

        V k0 = O.Create(k[0]), k1 = O.Create(k[1]), k2 = O.Create(k[2]), k3 = O.Create(k[3]), k4 = O.Create(k[4]), k5 = O.Create(k[5]);
        V k6 = O.Create(k[6]), k7 = O.Create(k[7]), k8 = O.Create(k[8]), k9 = O.Create(k[9]), k10 = O.Create(k[10]);
        V s0 = O.Create(0f), s1 = O.Create(0f), s2 = O.Create(0f), s3 = O.Create(0f);
        for (nint at0 = 0, at1 = o1, at2 = o2, at3 = o3; at0 < end; at0 += O.Stride, at1 += O.Stride, at2 += O.Stride, at3 += O.Stride)
        {
            var e0 = O.Subtract(O.Load(x + at0), m0);
            var e1 = O.Subtract(O.Load(x + at1), m1);
            var e2 = O.Subtract(O.Load(x + at2), m2);
            var e3 = O.Subtract(O.Load(x + at3), m3);
            Polynomials.ExpBelowOverflow<O, V>(ref e0, ref e1, k0, k1, k2, k3, k4, k5, k6, k7, k8, k9, k10);
            Polynomials.ExpBelowOverflow<O, V>(ref e2, ref e3, k0, k1, k2, k3, k4, k5, k6, k7, k8, k9, k10);
            O.Store(e0, result + at0);
            O.Store(e1, result + at1);
            O.Store(e2, result + at2);
            O.Store(e3, result + at3);
            s0 = O.Add(s0, e0);
            s1 = O.Add(s1, e1);
            s2 = O.Add(s2, e2);
            s3 = O.Add(s3, e3);
        }

        O.Store(O.Divide(k9, s0), shares + (0 * Guard.Lanes));
        O.Store(O.Divide(k9, s1), shares + (1 * Guard.Lanes));
        O.Store(O.Divide(k9, s2), shares + (2 * Guard.Lanes));
        O.Store(O.Divide(k9, s3), shares + (3 * Guard.Lanes));
    }

    /// <summary>result = result * factor; row r's factor is at 16 r.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scale<O, V>(float* result, float* factors, nint o1, nint o2, nint o3, nint n)
        where O : struct, ILanes<V>
        where V : struct
    {
        var end = n * O.Stride;
        var f0 = O.Load(factors + (0 * Guard.Lanes));
        var f1 = O.Load(factors + (1 * Guard.Lanes));
        var f2 = O.Load(factors + (2 * Guard.Lanes));
        var f3 = O.Load(factors + (3 * Guard.Lanes));
        for (nint at0 = 0, at1 = o1, at2 = o2, at3 = o3; at0 < end; at0 += O.Stride, at1 += O.Stride, at2 += O.Stride, at3 += O.Stride)
        {
            var e0 = O.Multiply(O.Load(result + at0), f0);
            var e1 = O.Multiply(O.Load(result + at1), f1);
            var e2 = O.Multiply(O.Load(result + at2), f2);
            var e3 = O.Multiply(O.Load(result + at3), f3);
            O.Store(e0, result + at0);
            O.Store(e1, result + at1);
            O.Store(e2, result + at2);
            O.Store(e3, result + at3);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gradient<O, V>(float* y, float* g, float* result, nint o1, nint o2, nint o3, nint n)
        where O : struct, ILanes<V>
        where V : struct
    {
        var end = n * O.Stride;
        V s0 = O.Create(0f), s1 = O.Create(0f), s2 = O.Create(0f), s3 = O.Create(0f);
        for (nint at0 = 0, at1 = o1, at2 = o2, at3 = o3; at0 < end; at0 += O.Stride, at1 += O.Stride, at2 += O.Stride, at3 += O.Stride)
        {
            s0 = O.FusedMultiplyAdd(O.Load(y + at0), O.Load(g + at0), s0);
            s1 = O.FusedMultiplyAdd(O.Load(y + at1), O.Load(g + at1), s1);
            s2 = O.FusedMultiplyAdd(O.Load(y + at2), O.Load(g + at2), s2);
            s3 = O.FusedMultiplyAdd(O.Load(y + at3), O.Load(g + at3), s3);
        }

        for (nint at0 = 0, at1 = o1, at2 = o2, at3 = o3; at0 < end; at0 += O.Stride, at1 += O.Stride, at2 += O.Stride, at3 += O.Stride)
        {
            var e0 = O.Multiply(O.Load(y + at0), O.Subtract(O.Load(g + at0), s0));
            var e1 = O.Multiply(O.Load(y + at1), O.Subtract(O.Load(g + at1), s1));
            var e2 = O.Multiply(O.Load(y + at2), O.Subtract(O.Load(g + at2), s2));
            var e3 = O.Multiply(O.Load(y + at3), O.Subtract(O.Load(g + at3), s3));
            O.Store(e0, result + at0);
            O.Store(e1, result + at1);
            O.Store(e2, result + at2);
            O.Store(e3, result + at3);
        }
    }

    /// <summary>A logarithm of <see cref="Totals"/>, or NaN where the largest is infinite: the differences from it are not defined.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Defined<O, V>(V max, V log)
        where O : struct, ILanes<V>
        where V : struct => O.Add(log, O.Subtract(max, max));

    /// <summary>Row r's largest element goes to maxima + 16 r, and the logarithm of the sum of e^(x - max x) to logs + 16 r.</summary>
    /// <remarks>
    /// Elements that equal the largest are counted, not added: what is left of the sum is not lost beside the one that is always there, so a logarithm near 0
    /// is as good as any other, and is that of the count where the largest is infinite. Rows have one element at least.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Totals<O, V>(float* x, float* maxima, float* logs, nint o1, nint o2, nint o3, nint n, float* k)
        where O : struct, ILanes<V>
        where V : struct
    {
        var end = n * O.Stride;
        V m0 = O.Create(float.NegativeInfinity), m1 = m0, m2 = m0, m3 = m0;
        for (nint at0 = 0, at1 = o1, at2 = o2, at3 = o3; at0 < end; at0 += O.Stride, at1 += O.Stride, at2 += O.Stride, at3 += O.Stride)
        {
            m0 = O.Max(m0, O.Load(x + at0));
            m1 = O.Max(m1, O.Load(x + at1));
            m2 = O.Max(m2, O.Load(x + at2));
            m3 = O.Max(m3, O.Load(x + at3));
        }

        V k0 = O.Create(k[0]), k1 = O.Create(k[1]), k2 = O.Create(k[2]), k3 = O.Create(k[3]), k4 = O.Create(k[4]), k5 = O.Create(k[5]);
        V k6 = O.Create(k[6]), k7 = O.Create(k[7]), k8 = O.Create(k[8]), k9 = O.Create(k[9]), k10 = O.Create(k[10]);
        var zero = O.Create(0f);
        V s0 = zero, s1 = zero, s2 = zero, s3 = zero;
        V t0 = zero, t1 = zero, t2 = zero, t3 = zero;
        for (nint at0 = 0, at1 = o1, at2 = o2, at3 = o3; at0 < end; at0 += O.Stride, at1 += O.Stride, at2 += O.Stride, at3 += O.Stride)
        {
            var e0 = O.Subtract(O.Load(x + at0), m0);
            var e1 = O.Subtract(O.Load(x + at1), m1);
            var e2 = O.Subtract(O.Load(x + at2), m2);
            var e3 = O.Subtract(O.Load(x + at3), m3);
            Polynomials.ExpBelowOverflow<O, V>(ref e0, ref e1, k0, k1, k2, k3, k4, k5, k6, k7, k8, k9, k10);
            Polynomials.ExpBelowOverflow<O, V>(ref e2, ref e3, k0, k1, k2, k3, k4, k5, k6, k7, k8, k9, k10);
            s0 = O.Add(s0, O.IfEqual(O.Load(x + at0), m0, zero, e0));
            s1 = O.Add(s1, O.IfEqual(O.Load(x + at1), m1, zero, e1));
            s2 = O.Add(s2, O.IfEqual(O.Load(x + at2), m2, zero, e2));
            s3 = O.Add(s3, O.IfEqual(O.Load(x + at3), m3, zero, e3));
            t0 = O.Add(t0, O.IfEqual(O.Load(x + at0), m0, k9, zero));
            t1 = O.Add(t1, O.IfEqual(O.Load(x + at1), m1, k9, zero));
            t2 = O.Add(t2, O.IfEqual(O.Load(x + at2), m2, k9, zero));
            t3 = O.Add(t3, O.IfEqual(O.Load(x + at3), m3, k9, zero));
        }

        O.Store(m0, maxima + (0 * Guard.Lanes));
        O.Store(m1, maxima + (1 * Guard.Lanes));
        O.Store(m2, maxima + (2 * Guard.Lanes));
        O.Store(m3, maxima + (3 * Guard.Lanes));
        O.Store(Polynomials.LogOnePlus<O, V>(O.Add(s0, O.Subtract(t0, k9))), logs + (0 * Guard.Lanes));
        O.Store(Polynomials.LogOnePlus<O, V>(O.Add(s1, O.Subtract(t1, k9))), logs + (1 * Guard.Lanes));
        O.Store(Polynomials.LogOnePlus<O, V>(O.Add(s2, O.Subtract(t2, k9))), logs + (2 * Guard.Lanes));
        O.Store(Polynomials.LogOnePlus<O, V>(O.Add(s3, O.Subtract(t3, k9))), logs + (3 * Guard.Lanes));
    }
}
