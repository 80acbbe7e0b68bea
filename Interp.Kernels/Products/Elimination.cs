using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Interp.Kernels;

/// <summary>Steps of Gaussian elimination with complete pivoting, in double precision, on a row-major matrix.</summary>
public static unsafe class Elimination
{
    /// <summary>largest[i] = the largest magnitude in row i, -1 where there is no number; NaN is never the largest.</summary>
    /// <exception cref="ArgumentException">The matrix is shorter than its rows and columns say.</exception>
    public static void Magnitudes(ReadOnlySpan<double> matrix, int columns, Span<double> largest)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        Guard.Length(matrix.Length, (long)columns * largest.Length);
        fixed (double* m = matrix)
        {
            for (var i = 0; i < largest.Length; i++)
            {
                largest[i] = Row(m + ((nint)i * columns), null, 0, columns);
            }
        }
    }

    /// <summary>
    /// matrix[i, j] -= left[i] right[j] in every row whose left is not 0, each product rounded by itself; and the largest magnitudes of these rows anew.
    /// </summary>
    /// <exception cref="ArgumentException">The matrix, or the magnitudes, are shorter than left and right say.</exception>
    public static void Subtract(Span<double> matrix, ReadOnlySpan<double> left, ReadOnlySpan<double> right, Span<double> largest)
    {
        Guard.Length(matrix.Length, (long)left.Length * right.Length);
        Guard.Length(largest.Length, left.Length);
        fixed (double* m = matrix, v = right)
        {
            for (var i = 0; i < left.Length; i++)
            {
                if (left[i] != 0)
                {
                    largest[i] = Row(m + ((nint)i * right.Length), v, left[i], right.Length);
                }
            }
        }
    }

    /// <summary>A row less a multiple of another one, where there is one, and its largest magnitude.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Row(double* row, double* other, double factor, nint columns)
    {
        var most = Vector256.Create(-1.0);
        nint j = 0;
        for (; j <= columns - Vector256<double>.Count; j += Vector256<double>.Count)
        {
            var x = Vector256.Load(row + j);
            if (other is not null)
            {
                x -= Vector256.Create(factor) * Vector256.Load(other + j);
                x.Store(row + j);
            }

            var size = Vector256.Abs(x);
            most = Vector256.ConditionalSelect(Vector256.GreaterThan(size, most), size, most);
        }

        var largest = -1.0;
        for (var lane = 0; lane < Vector256<double>.Count; lane++)
        {
            largest = Math.Max(largest, most.GetElement(lane));
        }

        for (; j < columns; j++)
        {
            if (other is not null)
            {
                row[j] -= factor * other[j];
            }

            var size = Math.Abs(row[j]);
            largest = size > largest ? size : largest;
        }

        return largest;
    }
}
