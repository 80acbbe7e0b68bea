using System.Runtime.Intrinsics;

namespace Interp.Kernels;

/// <summary>
/// Rows [rows, width], contiguous, with 1 or 16 lanes an element, shifted to mean 0 and scaled to variance 1 (Ba, Kiros, Hinton 2016, "Layer normalization"), without
/// gain and bias. Mean, variance and quotient are float64, rounded once: no square of a float32 number is too large or too small for it.
/// </summary>
public static unsafe class LayerNorm
{
    /// <summary>result = (x - mean) / sqrt(variance + epsilon), row by row; result may be x.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative, or there are not 1 or 16 lanes.</exception>
    /// <exception cref="ArgumentException">An operand or the result is shorter than the sizes say.</exception>
    public static void Forward(ReadOnlySpan<float> x, Span<float> result, int rows, int width, int lanes, double epsilon) =>
        Run(x, result, (long)rows * width * lanes, rows, width, lanes, epsilon, deviations: false);

    /// <summary>result[r] = sqrt(variance of x[r] + epsilon).</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative, or there are not 1 or 16 lanes.</exception>
    /// <exception cref="ArgumentException">An operand or the result is shorter than the sizes say.</exception>
    public static void Deviation(ReadOnlySpan<float> x, Span<float> result, int rows, int width, int lanes, double epsilon) =>
        Run(x, result, (long)rows * lanes, rows, width, lanes, epsilon, deviations: true);

    private static void Run(ReadOnlySpan<float> x, Span<float> result, long length, int rows, int width, int lanes, double epsilon, bool deviations)
    {
        Guard.Sizes(rows, width);
        Guard.LaneCount(lanes);
        Guard.Length(x.Length, (long)rows * width * lanes);
        Guard.Length(result.Length, length);
        fixed (float* source = x, target = result)
        {
            for (nint row = 0; row < rows; row++)
            {
                var from = source + (row * width * lanes);
                var to = target + (row * lanes * (deviations ? 1 : width));
                if (lanes == 1)
                {
                    One(from, to, width, epsilon, deviations);
                }
                else
                {
                    for (var lane = 0; lane < lanes; lane += 4)
                    {
                        Four(from + lane, to + lane, width, epsilon, deviations);
                    }
                }
            }
        }
    }

    private static void One(float* x, float* result, nint n, double epsilon, bool deviation)
    {
        var mean = 0.0;
        for (nint i = 0; i < n; i++)
        {
            mean += x[i];
        }

        mean /= n;
        var variance = 0.0;
        for (nint i = 0; i < n; i++)
        {
            variance += (x[i] - mean) * (x[i] - mean);
        }

        var scale = Math.Sqrt((variance / n) + epsilon);
        if (deviation)
        {
            *result = (float)scale;
            return;
        }

        for (nint i = 0; i < n; i++)
        {
            result[i] = (float)((x[i] - mean) / scale);
        }
    }

    /// <summary>The same for four neighbouring lanes of sixteen.</summary>
    private static void Four(float* x, float* result, nint n, double epsilon, bool deviation)
    {
        var end = n * Guard.Lanes;
        var mean = Vector256<double>.Zero;
        for (nint at = 0; at < end; at += Guard.Lanes)
        {
            mean += Load(x + at);
        }

        mean /= Vector256.Create((double)n);
        var variance = Vector256<double>.Zero;
        for (nint at = 0; at < end; at += Guard.Lanes)
        {
            var centred = Load(x + at) - mean;
            variance += centred * centred;
        }

        var scale = Vector256.Sqrt((variance / Vector256.Create((double)n)) + Vector256.Create(epsilon));
        if (deviation)
        {
            Store(scale, result);
            return;
        }

        for (nint at = 0; at < end; at += Guard.Lanes)
        {
            Store((Load(x + at) - mean) / scale, result + at);
        }
    }

    private static Vector256<double> Load(float* x) => Vector256.WidenLower(Vector256.Create(Vector128.Load(x), Vector128<float>.Zero));

    private static void Store(Vector256<double> value, float* result) => Vector256.Narrow(value, Vector256<double>.Zero).GetLower().Store(result);
}
