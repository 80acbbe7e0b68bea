using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Interp.Kernels;

/// <summary>The checks at the top of every kernel; after them the loops go unchecked.</summary>
internal static class Guard
{
    /// <summary>The number of lanes of a lane tensor: one sequence a lane.</summary>
    public const int Lanes = 16;

    /// <exception cref="ArgumentException">A span is shorter than is needed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Length(int actual, long needed, [CallerArgumentExpression(nameof(actual))] string name = "")
    {
        if (actual < needed)
        {
            TooShort(actual, needed, name);
        }
    }

    /// <exception cref="ArgumentOutOfRangeException">There are not 1 or 16 lanes.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LaneCount(int lanes)
    {
        if (lanes is not (1 or Lanes))
        {
            throw new ArgumentOutOfRangeException(nameof(lanes), lanes, $"A tensor has 1 or {Lanes} lanes.");
        }
    }

    /// <exception cref="ArgumentOutOfRangeException">A size is negative.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sizes(int first, int second, int third = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegative(second);
        ArgumentOutOfRangeException.ThrowIfNegative(third);
    }

    /// <summary>An index stored as floats: every one an integer from 0 to vocab - 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is not; it is named.</exception>
    public static void Index(ReadOnlySpan<float> index, int vocab)
    {
        var i = 0;
        ref var start = ref MemoryMarshal.GetReference(index);
        var limit = Vector256.Create((float)vocab);
        for (; i <= index.Length - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            var x = Vector256.LoadUnsafe(ref start, (nuint)i);
            var fine = Vector256.GreaterThanOrEqual(x, Vector256<float>.Zero) & Vector256.LessThan(x, limit) & Vector256.Equals(x, Vector256.Floor(x));
            if (fine.AsInt32() != Vector256<int>.AllBitsSet)
            {
                break;
            }
        }

        for (; i < index.Length; i++)
        {
            var x = index[i];
            if (!(x >= 0 && x < vocab && x == MathF.Floor(x)))
            {
                throw new ArgumentOutOfRangeException(nameof(index), x, $"An index must be an integer from 0 to {vocab - 1} (a vocabulary of {vocab}).");
            }
        }
    }

    [DoesNotReturn]
    private static void TooShort(int actual, long needed, string name) =>
        throw new ArgumentException($"{name} is {actual}, but this kernel needs at least {needed} floats.", name);
}
