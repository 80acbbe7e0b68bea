using System.Runtime.CompilerServices;

namespace Interp.Kernels;

/// <summary>One lane.</summary>
internal readonly unsafe struct Lane1 : ILanes<float>
{
    public static int Width => 1;

    public static int Stride => 1;

    public static int Registers => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(float* source) => *source;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float value, float* target) => *target = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Create(float value) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Add(float left, float right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Subtract(float left, float right) => left - right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Multiply(float left, float right) => left * right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Divide(float left, float right) => left / right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float FusedMultiplyAdd(float left, float right, float addend) =>
        Fused.InHardware ? MathF.FusedMultiplyAdd(left, right, addend) : Fused.InSoftware(left, right, addend);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sqrt(float value) => MathF.Sqrt(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Abs(float value) => MathF.Abs(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Negate(float value) => -value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float CopySign(float magnitude, float sign) => MathF.CopySign(magnitude, sign);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Max(float left, float right) => left > right ? left : right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float IfGreater(float left, float right, float yes, float no) => left > right ? yes : no;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float IfEqual(float left, float right, float yes, float no) => left == right ? yes : no;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float AddToExponent(float value, float power) =>
        BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(value) + (BitConverter.SingleToInt32Bits(power) << 23));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Exponent(float value, out float mantissa)
    {
        var bits = BitConverter.SingleToInt32Bits(value);
        var exponent = (bits - Polynomials.SqrtHalfBits) >> 23;
        mantissa = BitConverter.Int32BitsToSingle(bits - (exponent << 23));
        return exponent;
    }
}
