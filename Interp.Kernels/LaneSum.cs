using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Interp.Kernels;

/// <summary>The one order in which 16 lanes are added: by halving, lane j + lane j+8, then j+4, j+2, j+1.</summary>
internal static unsafe class LaneSum
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Of(float* lanes)
    {
        var eight = Vector256.Load(lanes) + Vector256.Load(lanes + 8);
        var four = eight.GetLower() + eight.GetUpper();
        var two = four + Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1));
        return two.ToScalar() + two.GetElement(1);
    }
}
