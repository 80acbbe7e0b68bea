using System.Runtime.Intrinsics;

namespace Interp.Kernels;

/// <summary>Chooses the lanes that a kernel runs over.</summary>
internal static class Dispatch
{
    /// <summary>Runs a kernel over all lanes of its operands: one pass of 16, two of 8, four of 4, or one of a single lane.</summary>
    public static void Run<K>(int lanes, ref K kernel)
        where K : struct, IKernel
    {
        if (lanes == 1)
        {
            kernel.Run<Lane1, float>(0);
        }
        else if (Vector512.IsHardwareAccelerated)
        {
            kernel.Run<Lanes16, Vector512<float>>(0);
        }
        else if (Fused.InHardware)
        {
            kernel.Run<Lanes8, Vector256<float>>(0);
            kernel.Run<Lanes8, Vector256<float>>(8);
        }
        else
        {
            for (var lane = 0; lane < lanes; lane += 4)
            {
                kernel.Run<Lanes4, Vector128<float>>(lane);
            }
        }
    }
}
