using System.Runtime.CompilerServices;

namespace Interp.Kernels;

/// <summary>exp, log, tanh and the logistic function as fixed polynomials: the same bits on every machine.</summary>
/// <remarks>
/// Coefficients are minimax fits (Remez exchange, relative weight) rounded to float32. The fits alone are good to 1e-8 relative or better, so what is
/// left is the rounding of the last few operations: about 1.2e-7 relative.
/// </remarks>
internal static class Polynomials
{
    /// <summary>The representation of sqrt(1/2).</summary>
    public const int SqrtHalfBits = 0x3F3504F3;

    private const float Log2E = 1.4426950216293335f;

    // ln 2 in two parts: n * high is subtracted exactly by the fused operation, low restores what rounding high lost.
    private const float Ln2High = 0.6931471824645996f;
    private const float Ln2Low = -1.904654212e-9f;

    // Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits of the representation.
    private const float RoundToInteger = 12582912f;

    private const float ExpOverflow = 88.72283f;
    private const float ExpUnderflow = -87.33654f;

    /// <summary>e^x; +infinity above 88.72283, 0 below -87.33654 (no subnormal results), NaN for NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp<O, V>(V x)
        where O : struct, ILanes<V>
        where V : struct =>
        O.IfGreater(x, O.Create(ExpOverflow), O.Create(float.PositiveInfinity), ExpBelowOverflow<O, V>(x));

    /// <summary>
    /// The coefficients of <see cref="ExpBelowOverflow{O, V}(V)"/>, for loops that keep them in registers: constants that the compiler can see are read
    /// from memory at every use.
    /// </summary>
    public static readonly float[] ExpCoefficients =
        [Log2E, RoundToInteger, -Ln2High, -Ln2Low, 0.0013950603f, 0.008368953f, 0.041666206f, 0.16666518f, 0.5f, 1f, ExpUnderflow];

    /// <summary>The same without the check for overflow, for x up to 88.72283.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ExpBelowOverflow<O, V>(V x)
        where O : struct, ILanes<V>
        where V : struct =>
        ExpBelowOverflow<O, V>(
            x,
            O.Create(Log2E),
            O.Create(RoundToInteger),
            O.Create(-Ln2High),
            O.Create(-Ln2Low),
            O.Create(0.0013950603f),
            O.Create(0.008368953f),
            O.Create(0.041666206f),
            O.Create(0.16666518f),
            O.Create(0.5f),
            O.Create(1f),
            O.Create(ExpUnderflow));

    /// <summary>The same with its coefficients at hand.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ExpBelowOverflow<O, V>(V x, V log2E, V round, V ln2High, V ln2Low, V c6, V c5, V c4, V c3, V c2, V one, V underflow)
        where O : struct, ILanes<V>
        where V : struct
    {
        var shifted = O.FusedMultiplyAdd(x, log2E, round);
        var n = O.Subtract(shifted, round);
        var r = O.FusedMultiplyAdd(n, ln2High, x);
        r = O.FusedMultiplyAdd(n, ln2Low, r);

        var p = c6;
        p = O.FusedMultiplyAdd(p, r, c5);
        p = O.FusedMultiplyAdd(p, r, c4);
        p = O.FusedMultiplyAdd(p, r, c3);
        p = O.FusedMultiplyAdd(p, r, c2);
        p = O.FusedMultiplyAdd(p, r, one);
        p = O.FusedMultiplyAdd(p, r, one);

        var result = O.AddToExponent(p, shifted);
        // The maximum of 0 and NaN is NaN with the operands in this order.
        return O.IfGreater(x, underflow, result, O.Max(O.Create(0f), x));
    }

    /// <summary>Two at once, in step: neither waits for the other's chain.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ExpBelowOverflow<O, V>(ref V x, ref V y, V log2E, V round, V ln2High, V ln2Low, V c6, V c5, V c4, V c3, V c2, V one, V underflow)
        where O : struct, ILanes<V>
        where V : struct
    {
        var shiftedX = O.FusedMultiplyAdd(x, log2E, round);
        var shiftedY = O.FusedMultiplyAdd(y, log2E, round);
        var r = O.Subtract(shiftedX, round);
        var s = O.Subtract(shiftedY, round);
        r = O.FusedMultiplyAdd(r, ln2Low, O.FusedMultiplyAdd(r, ln2High, x));
        s = O.FusedMultiplyAdd(s, ln2Low, O.FusedMultiplyAdd(s, ln2High, y));
        var p = O.FusedMultiplyAdd(c6, r, c5);
        var q = O.FusedMultiplyAdd(c6, s, c5);
        p = O.FusedMultiplyAdd(p, r, c4);
        q = O.FusedMultiplyAdd(q, s, c4);
        p = O.FusedMultiplyAdd(p, r, c3);
        q = O.FusedMultiplyAdd(q, s, c3);
        p = O.FusedMultiplyAdd(p, r, c2);
        q = O.FusedMultiplyAdd(q, s, c2);
        p = O.FusedMultiplyAdd(p, r, one);
        q = O.FusedMultiplyAdd(q, s, one);
        p = O.FusedMultiplyAdd(p, r, one);
        q = O.FusedMultiplyAdd(q, s, one);
        x = O.IfGreater(x, underflow, O.AddToExponent(p, shiftedX), O.Max(O.Create(0f), x));
        y = O.IfGreater(y, underflow, O.AddToExponent(q, shiftedY), O.Max(O.Create(0f), y));
    }

    /// <summary>The natural logarithm; -infinity at 0 (of either sign), NaN below it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Log<O, V>(V x)
        where O : struct, ILanes<V>
        where V : struct
    {
        // Subnormal numbers are scaled by 2^24 first.
        var smallest = O.Create(1.17549435e-38f);
        var scaled = O.IfGreater(smallest, x, O.Multiply(x, O.Create(16777216f)), x);
        var n = O.Exponent(scaled, out var mantissa);
        n = O.IfGreater(smallest, x, O.Subtract(n, O.Create(24f)), n);
        var f = O.Subtract(mantissa, O.Create(1f));

        var p = O.Create(-0.078596115f);
        p = O.FusedMultiplyAdd(p, f, O.Create(0.12881638f));
        p = O.FusedMultiplyAdd(p, f, O.Create(-0.1312875f));
        p = O.FusedMultiplyAdd(p, f, O.Create(0.14181192f));
        p = O.FusedMultiplyAdd(p, f, O.Create(-0.16624555f));
        p = O.FusedMultiplyAdd(p, f, O.Create(0.20002286f));
        p = O.FusedMultiplyAdd(p, f, O.Create(-0.2500081f));
        p = O.FusedMultiplyAdd(p, f, O.Create(0.33333316f));

        // n ln2 + f - f^2/2 + f^3 p(f), small parts first.
        var square = O.Multiply(f, f);
        var tail = O.Multiply(O.Multiply(square, f), p);
        tail = O.FusedMultiplyAdd(n, O.Create(Ln2Low), tail);
        tail = O.FusedMultiplyAdd(square, O.Create(-0.5f), tail);
        var result = O.FusedMultiplyAdd(n, O.Create(Ln2High), O.Add(f, tail));

        var infinity = O.Create(float.PositiveInfinity);
        result = O.IfEqual(x, O.Create(0f), O.Negate(infinity), result);
        result = O.IfGreater(O.Create(0f), x, O.Create(float.NaN), result);
        result = O.IfEqual(x, infinity, infinity, result);
        return O.IfEqual(x, x, result, x);
    }

    /// <summary>log(1 + x) for x from 0 on, as good where x is far below 1 (Kahan; Goldberg, "What every computer scientist should know about floating-point arithmetic", theorem 4).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LogOnePlus<O, V>(V x)
        where O : struct, ILanes<V>
        where V : struct
    {
        var one = O.Create(1f);
        var sum = O.Add(one, x);
        var lost = O.Subtract(x, O.Subtract(sum, one));
        return O.Add(Log<O, V>(sum), O.Divide(lost, sum));
    }

    /// <summary>tanh x: an odd polynomial below 0.625, 1 - 2/(e^2|x| + 1) above.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Tanh<O, V>(V x)
        where O : struct, ILanes<V>
        where V : struct
    {
        var square = O.Multiply(x, x);
        var p = O.Create(-0.005717058f);
        p = O.FusedMultiplyAdd(p, square, O.Create(0.0206506f));
        p = O.FusedMultiplyAdd(p, square, O.Create(-0.0537435f));
        p = O.FusedMultiplyAdd(p, square, O.Create(0.13331491f));
        p = O.FusedMultiplyAdd(p, square, O.Create(-0.33333284f));
        var near = O.FusedMultiplyAdd(O.Multiply(p, square), x, x);

        var magnitude = O.Abs(x);
        var one = O.Create(1f);
        var power = Exp<O, V>(O.Add(magnitude, magnitude));
        var far = O.Subtract(one, O.Divide(O.Create(2f), O.Add(power, one)));
        return O.IfGreater(magnitude, O.Create(0.625f), O.CopySign(far, x), near);
    }

    /// <summary>1 / (1 + e^-x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sigmoid<O, V>(V x)
        where O : struct, ILanes<V>
        where V : struct
    {
        var one = O.Create(1f);
        return O.Divide(one, O.Add(one, Exp<O, V>(O.Negate(x))));
    }
}
