using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Interp.Kernels;

/// <summary>Sixteen lanes in one 512-bit register.</summary>
internal readonly unsafe struct Lanes16 : ILanes<Vector512<float>>
{
    public static int Width => 16;

    public static int Stride => Guard.Lanes;

    public static int Registers => 32;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* source) => Vector512.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> value, float* target) => value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Create(float value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Add(Vector512<float> left, Vector512<float> right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Subtract(Vector512<float> left, Vector512<float> right) => left - right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Multiply(Vector512<float> left, Vector512<float> right) => left * right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Divide(Vector512<float> left, Vector512<float> right) => left / right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> FusedMultiplyAdd(Vector512<float> left, Vector512<float> right, Vector512<float> addend) =>
        Vector512.FusedMultiplyAdd(left, right, addend);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sqrt(Vector512<float> value) => Vector512.Sqrt(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Abs(Vector512<float> value) => Vector512.Abs(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Negate(Vector512<float> value) => -value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> CopySign(Vector512<float> magnitude, Vector512<float> sign) => Vector512.CopySign(magnitude, sign);

    // x86's own maximum is exactly "left > right ? left : right".
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Max(Vector512<float> left, Vector512<float> right) =>
        Avx512F.IsSupported ? Avx512F.Max(left, right) : Vector512.ConditionalSelect(Vector512.GreaterThan(left, right), left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> IfGreater(Vector512<float> left, Vector512<float> right, Vector512<float> yes, Vector512<float> no) =>
        Vector512.ConditionalSelect(Vector512.GreaterThan(left, right), yes, no);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> IfEqual(Vector512<float> left, Vector512<float> right, Vector512<float> yes, Vector512<float> no) =>
        Vector512.ConditionalSelect(Vector512.Equals(left, right), yes, no);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> AddToExponent(Vector512<float> value, Vector512<float> power) =>
        (value.AsInt32() + (power.AsInt32() << 23)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exponent(Vector512<float> value, out Vector512<float> mantissa)
    {
        var bits = value.AsInt32();
        var exponent = (bits - Vector512.Create(Polynomials.SqrtHalfBits)) >> 23;
        mantissa = (bits - (exponent << 23)).AsSingle();
        return Vector512.ConvertToSingle(exponent);
    }
}
