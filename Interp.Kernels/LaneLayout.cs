using System.Runtime.Intrinsics;

namespace Interp.Kernels;

/// <summary>Between 16 separate rows and the lane layout, in which the 16 values of an element are neighbours.</summary>
public static unsafe class LaneLayout
{
    /// <summary>result[e * 16 + lane] = source[lane * n + e].</summary>
    public static void Interleave(ReadOnlySpan<float> source, Span<float> result, int n)
    {
        Check(source.Length, result.Length, n);
        var rows = stackalloc float*[Guard.Lanes];
        fixed (float* x = source, r = result)
        {
            for (var lane = 0; lane < Guard.Lanes; lane++)
            {
                rows[lane] = x + (lane * (nint)n);
            }

            nint e = 0;
            for (; e <= n - Transpose.Elements; e += Transpose.Elements)
            {
                Transpose.ToLanes(rows, e, r + (e * Guard.Lanes));
            }

            for (; e < n; e++)
            {
                for (var lane = 0; lane < Guard.Lanes; lane++)
                {
                    r[(e * Guard.Lanes) + lane] = rows[lane][e];
                }
            }
        }
    }

    /// <summary>result[lane * n + e] = source[e * 16 + lane].</summary>
    public static void Deinterleave(ReadOnlySpan<float> source, Span<float> result, int n)
    {
        Check(source.Length, result.Length, n);
        const int elements = 2 * Transpose.Elements;
        var rows = stackalloc float[Guard.Lanes * elements];
        fixed (float* x = source, r = result)
        {
            nint e = 0;
            for (; e <= n - elements; e += elements)
            {
                var block = x + (e * Guard.Lanes);
                Transpose.ToRows(block, block + (Transpose.Elements * Guard.Lanes), rows);
                for (var lane = 0; lane < Guard.Lanes; lane++)
                {
                    Vector512.Load(rows + (lane * elements)).Store(r + (lane * (nint)n) + e);
                }
            }

            for (; e < n; e++)
            {
                for (var lane = 0; lane < Guard.Lanes; lane++)
                {
                    r[(lane * (nint)n) + e] = x[(e * Guard.Lanes) + lane];
                }
            }
        }
    }

    private static void Check(int source, int result, int n)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        Guard.Length(source, (long)n * Guard.Lanes);
        Guard.Length(result, (long)n * Guard.Lanes);
    }
}
