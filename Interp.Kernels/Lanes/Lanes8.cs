using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Interp.Kernels;

/// <summary>Eight lanes in one 256-bit register; two passes make the sixteen of a lane tensor.</summary>
internal readonly unsafe struct Lanes8 : ILanes<Vector256<float>>
{
    public static int Width => 8;

    public static int Stride => Guard.Lanes;

    public static int Registers => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(float* source) => Vector256.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<float> value, float* target) => value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Create(float value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Add(Vector256<float> left, Vector256<float> right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Subtract(Vector256<float> left, Vector256<float> right) => left - right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Multiply(Vector256<float> left, Vector256<float> right) => left * right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Divide(Vector256<float> left, Vector256<float> right) => left / right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> FusedMultiplyAdd(Vector256<float> left, Vector256<float> right, Vector256<float> addend) =>
        Vector256.FusedMultiplyAdd(left, right, addend);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Sqrt(Vector256<float> value) => Vector256.Sqrt(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Abs(Vector256<float> value) => Vector256.Abs(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Negate(Vector256<float> value) => -value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> CopySign(Vector256<float> magnitude, Vector256<float> sign) => Vector256.CopySign(magnitude, sign);

    // x86's own maximum is exactly "left > right ? left : right".
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Max(Vector256<float> left, Vector256<float> right) =>
        Avx.IsSupported ? Avx.Max(left, right) : Vector256.ConditionalSelect(Vector256.GreaterThan(left, right), left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> IfGreater(Vector256<float> left, Vector256<float> right, Vector256<float> yes, Vector256<float> no) =>
        Vector256.ConditionalSelect(Vector256.GreaterThan(left, right), yes, no);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> IfEqual(Vector256<float> left, Vector256<float> right, Vector256<float> yes, Vector256<float> no) =>
        Vector256.ConditionalSelect(Vector256.Equals(left, right), yes, no);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> AddToExponent(Vector256<float> value, Vector256<float> power) =>
        (value.AsInt32() + (power.AsInt32() << 23)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Exponent(Vector256<float> value, out Vector256<float> mantissa)
    {
        var bits = value.AsInt32();
        var exponent = (bits - Vector256.Create(Polynomials.SqrtHalfBits)) >> 23;
        mantissa = (bits - (exponent << 23)).AsSingle();
        return Vector256.ConvertToSingle(exponent);
    }
}
