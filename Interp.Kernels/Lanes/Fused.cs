using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Interp.Kernels;

/// <summary>x * y + z, rounded once: the machine's instruction, or the same bits in double precision where it has none.</summary>
/// <remarks>
/// The product of two floats is exact in double precision; the sum is rounded there and once more to a float. That is one rounding too many only where the
/// sum was inexact and fell halfway between two floats; then it is rounded to odd, from which the second rounding is right
/// (Boldo and Melquiond 2008, "Emulation of FMA and correctly rounded sums: proved algorithms using rounding to odd").
/// </remarks>
public static class Fused
{
    /// <summary>Whether the machine has the instruction.</summary>
    public static bool InHardware
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Fma.IsSupported || AdvSimd.IsSupported;
    }

    /// <summary>The same bits without the instruction; a NaN may be another one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<float> InSoftware(Vector128<float> x, Vector128<float> y, Vector128<float> z)
    {
        var low = (Vector128.WidenLower(x) * Vector128.WidenLower(y)) + Vector128.WidenLower(z);
        var high = (Vector128.WidenUpper(x) * Vector128.WidenUpper(y)) + Vector128.WidenUpper(z);
        var result = Vector128.Narrow(low, high);

        // Halfway between normal floats the last 29 bits are 1000...; subnormal floats are too rare to ask for more. At 2^-150, halfway to 0, sums are exact.
        var last = Vector128.Narrow(low.AsInt64(), high.AsInt64()) << 3;
        var halfway = Vector128.Equals(last, Vector128.Create(int.MinValue));
        // 0 < |result| <= 2^-126 (which may have been rounded up to) by a signed comparison: doubled bits from 2 to 2^24, moved to the bottom.
        var subnormal = Vector128.LessThan((result.AsInt32() << 1) + Vector128.Create(int.MaxValue), Vector128.Create(int.MinValue + 0x1000000));
        return (halfway | subnormal) == Vector128<int>.Zero ? result : ByRoundingToOdd(x, y, z);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float InSoftware(float x, float y, float z) =>
        InSoftware(Vector128.CreateScalar(x), Vector128.CreateScalar(y), Vector128.CreateScalar(z)).ToScalar();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector128<float> ByRoundingToOdd(Vector128<float> x, Vector128<float> y, Vector128<float> z) =>
        Vector128.Narrow(
            SumToOdd(Vector128.WidenLower(x) * Vector128.WidenLower(y), Vector128.WidenLower(z)),
            SumToOdd(Vector128.WidenUpper(x) * Vector128.WidenUpper(y), Vector128.WidenUpper(z)));

    /// <summary>x + y; where that is inexact, the neighbour whose last bit is 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<double> SumToOdd(Vector128<double> x, Vector128<double> y)
    {
        // Knuth's error of a sum; where the sum is not finite it is NaN, and so nothing below is true.
        var sum = x + y;
        var other = sum - x;
        var error = (x - (sum - other)) + (y - other);
        var sign = sum * error;
        var towardsZero = Vector128.LessThan(sign, Vector128<double>.Zero).AsInt64();
        var away = Vector128.GreaterThan(sign, Vector128<double>.Zero).AsInt64();
        // Cut off (a mask is -1), then the last bit.
        return ((sum.AsInt64() + towardsZero) | ((towardsZero | away) & Vector128<long>.One)).AsDouble();
    }
}
