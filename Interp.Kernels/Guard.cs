using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Interp.Kernels;

/// <summary>The checks at the top of every kernel; after them the loops go unchecked.</summary>
internal static class Guard
{
    /// <summary>The number of lanes of a lane tensor: one sequence a lane.</summary>
    public const int Lanes = 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Length(int actual, long needed, [CallerArgumentExpression(nameof(actual))] string name = "")
    {
        if (actual < needed)
        {
            TooShort(actual, needed, name);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LaneCount(int lanes)
    {
        if (lanes is not (1 or Lanes))
        {
            throw new ArgumentOutOfRangeException(nameof(lanes), lanes, $"A tensor has 1 or {Lanes} lanes.");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sizes(int first, int second, int third = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegative(second);
        ArgumentOutOfRangeException.ThrowIfNegative(third);
    }

    [DoesNotReturn]
    private static void TooShort(int actual, long needed, string name) =>
        throw new ArgumentException($"{name} is {actual}, but this kernel needs at least {needed} floats.", name);
}
