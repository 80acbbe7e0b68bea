using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace Interp.Kernels;

/// <summary>Chooses the lanes that a kernel runs over.</summary>
internal static class Dispatch
{
    /// <summary>Runs a kernel over all lanes of its operands: one pass of 16, two of 8, or one of a single lane.</summary>
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
        else if (AdvSimd.Arm64.IsSupported)
        {
            // Pairs of registers as one value: the compiler loses sight of them in large loops, and two of four lanes' passes are then spent on memory.
            for (var lane = 0; lane < Guard.Lanes; lane += Lanes4.Width)
            {
                kernel.Run<Lanes4, Vector128<float>>(lane);
            }
        }
        else
        {
            kernel.Run<Lanes8, Vector256<float>>(0);
            kernel.Run<Lanes8, Vector256<float>>(8);
        }
    }
}
