namespace Interp.Kernels;

/// <summary>The arithmetic of a group of lanes, so that a kernel is written once for 16, 8, 4 or 1 of them.</summary>
/// <remarks>
/// Every operation is exactly rounded and lane-wise, so a lane's bits do not depend on how many lanes are worked on together,
/// nor on the instructions at hand. Operations whose result IEEE 754 leaves open (the order of a sum, the sign of a maximum of
/// zeros) are either absent or spelled out.
/// </remarks>
internal unsafe interface ILanes<V>
    where V : struct
{
    /// <summary>How many lanes <typeparamref name="V"/> holds.</summary>
    static abstract int Width { get; }

    /// <summary>Floats from an element of a tensor to the next: 16, or 1 for a tensor of one lane.</summary>
    static abstract int Stride { get; }

    /// <summary>How many values stay in registers: 32 with AVX-512 and on ARM64, otherwise 16.</summary>
    static abstract int Registers { get; }

    static abstract V Load(float* source);

    static abstract void Store(V value, float* target);

    static abstract V Create(float value);

    static abstract V Add(V left, V right);

    static abstract V Subtract(V left, V right);

    static abstract V Multiply(V left, V right);

    static abstract V Divide(V left, V right);

    /// <summary>left * right + addend, rounded once.</summary>
    static abstract V FusedMultiplyAdd(V left, V right, V addend);

    static abstract V Sqrt(V value);

    static abstract V Abs(V value);

    static abstract V Negate(V value);

    static abstract V CopySign(V magnitude, V sign);

    /// <summary>left &gt; right ? left : right; so the right operand where either is NaN.</summary>
    static abstract V Max(V left, V right);

    /// <summary>left &gt; right ? yes : no.</summary>
    static abstract V IfGreater(V left, V right, V yes, V no);

    /// <summary>left == right ? yes : no.</summary>
    static abstract V IfEqual(V left, V right, V yes, V no);

    /// <summary>Adds the low bits of <paramref name="power"/>'s representation to the exponent field of <paramref name="value"/>.</summary>
    static abstract V AddToExponent(V value, V power);

    /// <summary>Splits a positive normal number into 2^exponent * mantissa with mantissa in [sqrt(1/2), sqrt 2).</summary>
    static abstract V Exponent(V value, out V mantissa);
}
