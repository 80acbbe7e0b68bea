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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward<O, V>(float* x, float* result, nint o1, nint o2, nint o3, nint n, float* k)
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

        s0 = O.Divide(k9, s0);
        s1 = O.Divide(k9, s1);
        s2 = O.Divide(k9, s2);
        s3 = O.Divide(k9, s3);
        for (nint at0 = 0, at1 = o1, at2 = o2, at3 = o3; at0 < end; at0 += O.Stride, at1 += O.Stride, at2 += O.Stride, at3 += O.Stride)
        {
            var e0 = O.Multiply(O.Load(result + at0), s0);
            var e1 = O.Multiply(O.Load(result + at1), s1);
            var e2 = O.Multiply(O.Load(result + at2), s2);
            var e3 = O.Multiply(O.Load(result + at3), s3);
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

    /// <summary>Row r's result goes to result + 16 r.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LogSumExp<O, V>(float* x, float* result, nint o1, nint o2, nint o3, nint n, float* k)
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
            s0 = O.Add(s0, e0);
            s1 = O.Add(s1, e1);
            s2 = O.Add(s2, e2);
            s3 = O.Add(s3, e3);
        }

        O.Store(O.Add(m0, Polynomials.Log<O, V>(s0)), result + (0 * Guard.Lanes));
        O.Store(O.Add(m1, Polynomials.Log<O, V>(s1)), result + (1 * Guard.Lanes));
        O.Store(O.Add(m2, Polynomials.Log<O, V>(s2)), result + (2 * Guard.Lanes));
        O.Store(O.Add(m3, Polynomials.Log<O, V>(s3)), result + (3 * Guard.Lanes));
    }

    /// <summary>result = (e^(x - total) - [column is target]) g; row r's total, target and g are at 16 r.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void CrossEntropyGradient<O, V>(float* x, float* total, float* target, float* g, float* result, nint o1, nint o2, nint o3, nint n, float* k)
        where O : struct, ILanes<V>
        where V : struct
    {
        var end = n * O.Stride;
        V k0 = O.Create(k[0]), k1 = O.Create(k[1]), k2 = O.Create(k[2]), k3 = O.Create(k[3]), k4 = O.Create(k[4]), k5 = O.Create(k[5]);
        V k6 = O.Create(k[6]), k7 = O.Create(k[7]), k8 = O.Create(k[8]), k9 = O.Create(k[9]), k10 = O.Create(k[10]);
        var total0 = O.Load(total + (0 * Guard.Lanes));
        var total1 = O.Load(total + (1 * Guard.Lanes));
        var total2 = O.Load(total + (2 * Guard.Lanes));
        var total3 = O.Load(total + (3 * Guard.Lanes));
        var target0 = O.Load(target + (0 * Guard.Lanes));
        var target1 = O.Load(target + (1 * Guard.Lanes));
        var target2 = O.Load(target + (2 * Guard.Lanes));
        var target3 = O.Load(target + (3 * Guard.Lanes));
        var g0 = O.Load(g + (0 * Guard.Lanes));
        var g1 = O.Load(g + (1 * Guard.Lanes));
        var g2 = O.Load(g + (2 * Guard.Lanes));
        var g3 = O.Load(g + (3 * Guard.Lanes));
        var letter = O.Create(0f);
        for (nint at0 = 0, at1 = o1, at2 = o2, at3 = o3; at0 < end; at0 += O.Stride, at1 += O.Stride, at2 += O.Stride, at3 += O.Stride)
        {
            var p0 = O.Subtract(O.Load(x + at0), total0);
            var p1 = O.Subtract(O.Load(x + at1), total1);
            var p2 = O.Subtract(O.Load(x + at2), total2);
            var p3 = O.Subtract(O.Load(x + at3), total3);
            Polynomials.ExpBelowOverflow<O, V>(ref p0, ref p1, k0, k1, k2, k3, k4, k5, k6, k7, k8, k9, k10);
            Polynomials.ExpBelowOverflow<O, V>(ref p2, ref p3, k0, k1, k2, k3, k4, k5, k6, k7, k8, k9, k10);
            p0 = O.IfEqual(target0, letter, O.Subtract(p0, k9), p0);
            p1 = O.IfEqual(target1, letter, O.Subtract(p1, k9), p1);
            p2 = O.IfEqual(target2, letter, O.Subtract(p2, k9), p2);
            p3 = O.IfEqual(target3, letter, O.Subtract(p3, k9), p3);
            O.Store(O.Multiply(p0, g0), result + at0);
            O.Store(O.Multiply(p1, g1), result + at1);
            O.Store(O.Multiply(p2, g2), result + at2);
            O.Store(O.Multiply(p3, g3), result + at3);
            letter = O.Add(letter, k9);
        }
    }
}
