namespace Interp.Kernels;

/// <summary>Between 16 separate rows and the lane layout, in which the 16 values of an element are neighbours.</summary>
public static unsafe class LaneLayout
{
    /// <summary>result[e * 16 + lane] = source[lane * n + e].</summary>
    public static void Interleave(ReadOnlySpan<float> source, Span<float> result, int n)
    {
        Check(source.Length, result.Length, n);
        fixed (float* x = source, r = result)
        {
            for (var lane = 0; lane < Guard.Lanes; lane++)
            {
                for (nint e = 0; e < n; e++)
                {
                    r[(e * Guard.Lanes) + lane] = x[(lane * (nint)n) + e];
                }
            }
        }
    }

    /// <summary>result[lane * n + e] = source[e * 16 + lane].</summary>
    public static void Deinterleave(ReadOnlySpan<float> source, Span<float> result, int n)
    {
        Check(source.Length, result.Length, n);
        fixed (float* x = source, r = result)
        {
            for (var lane = 0; lane < Guard.Lanes; lane++)
            {
                for (nint e = 0; e < n; e++)
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
