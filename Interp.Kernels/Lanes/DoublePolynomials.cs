using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Interp.Kernels;

/// <summary>exp and log in double precision, four numbers at once, as fixed polynomials: the same bits on every machine.</summary>
/// <remarks>Series cut off where the next term is below 2^-56 of the result, so what is left is the rounding of the last few operations.</remarks>
internal static class DoublePolynomials
{
    private const double Log2E = 1.4426950408889634;

    // ln 2 in two parts: n * high is subtracted exactly by the fused operation, low restores what rounding high lost.
    private const double Ln2High = 0.6931471805599453;
    private const double Ln2Low = 2.3190468138462996e-17;

    // Adding 1.5 * 2^52 rounds to an integer and leaves it in the low bits of the representation.
    private const double RoundToInteger = 6755399441055744.0;

    private const double ExpUnderflow = -708.0;

    /// <summary>The representation of sqrt(1/2).</summary>
    private const long SqrtHalfBits = 0x3FE6A09E667F3BCD;

    /// <summary>e^x for x up to 709; 0 below -708 (no subnormal results), NaN for NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> ExpBelowOverflow(Vector256<double> x)
    {
        var shifted = Vector256.FusedMultiplyAdd(x, Vector256.Create(Log2E), Vector256.Create(RoundToInteger));
        var n = shifted - Vector256.Create(RoundToInteger);
        var r = Vector256.FusedMultiplyAdd(n, Vector256.Create(-Ln2High), x);
        r = Vector256.FusedMultiplyAdd(n, Vector256.Create(-Ln2Low), r);

        // 1 + r + ... + r^13 / 13!; |r| is at most ln 2 / 2.
        var p = Vector256.Create(1.0 / 6227020800);
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(1.0 / 479001600));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(1.0 / 39916800));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(1.0 / 3628800));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(1.0 / 362880));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(1.0 / 40320));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(1.0 / 5040));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(1.0 / 720));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(1.0 / 120));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(1.0 / 24));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(1.0 / 6));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(0.5));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256<double>.One);
        p = Vector256.FusedMultiplyAdd(p, r, Vector256<double>.One);

        var result = (p.AsInt64() + (shifted.AsInt64() << 52)).AsDouble();
        var small = Vector256.ConditionalSelect(Vector256.Equals(x, x), Vector256<double>.Zero, x);
        return Vector256.ConditionalSelect(Vector256.GreaterThan(x, Vector256.Create(ExpUnderflow)), result, small);
    }

    /// <summary>The natural logarithm of a positive normal number; NaN for NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Log(Vector256<double> x)
    {
        var exponent = (x.AsInt64() - Vector256.Create(SqrtHalfBits)) >> 52;
        var m = (x.AsInt64() - (exponent << 52)).AsDouble();
        // An integer from the low bits of a representation, the way back from rounding.
        var n = (exponent + Vector256.Create(RoundToInteger).AsInt64()).AsDouble() - Vector256.Create(RoundToInteger);

        // log m = 2 atanh f = 2 (f + f^3 / 3 + ... + f^21 / 21) for f = (m - 1) / (m + 1), which is at most 0.172.
        var f = (m - Vector256<double>.One) / (m + Vector256<double>.One);
        var s = f * f;
        var p = Vector256.Create(2.0 / 21);
        p = Vector256.FusedMultiplyAdd(p, s, Vector256.Create(2.0 / 19));
        p = Vector256.FusedMultiplyAdd(p, s, Vector256.Create(2.0 / 17));
        p = Vector256.FusedMultiplyAdd(p, s, Vector256.Create(2.0 / 15));
        p = Vector256.FusedMultiplyAdd(p, s, Vector256.Create(2.0 / 13));
        p = Vector256.FusedMultiplyAdd(p, s, Vector256.Create(2.0 / 11));
        p = Vector256.FusedMultiplyAdd(p, s, Vector256.Create(2.0 / 9));
        p = Vector256.FusedMultiplyAdd(p, s, Vector256.Create(2.0 / 7));
        p = Vector256.FusedMultiplyAdd(p, s, Vector256.Create(2.0 / 5));
        p = Vector256.FusedMultiplyAdd(p, s, Vector256.Create(2.0 / 3));

        // Small parts first.
        var tail = Vector256.FusedMultiplyAdd(n, Vector256.Create(Ln2Low), f * s * p);
        var result = Vector256.FusedMultiplyAdd(n, Vector256.Create(Ln2High), f + f + tail);
        return Vector256.ConditionalSelect(Vector256.Equals(x, x), result, x);
    }
}
