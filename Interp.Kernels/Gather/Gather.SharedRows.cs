using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Interp.Kernels;

public static unsafe partial class Gather
{
    /// <summary>A shared table by an index of 16 lanes.</summary>
    private static void SharedRows(float* table, float* index, float* result, nint batch, nint vocab, nint n, nint width)
    {
        if (n == 0 || width == 0)
        {
            return;
        }

        // Up to 32 rows a column of the table fits two registers, and a permutation looks up 16 lanes at once.
        if (Avx512F.IsSupported && vocab <= 2 * Guard.Lanes)
        {
            for (nint b = 0; b < batch; b++)
            {
                var w = width % Transpose.Elements;
                PermuteFew(table + (b * vocab * width), index, result + (b * n * width * Guard.Lanes), vocab, n, width, w);
                for (; w < width; w += Transpose.Elements)
                {
                    Permute(table + (b * vocab * width) + w, index, result + (((b * n * width) + w) * Guard.Lanes), vocab, n, width);
                }
            }

            return;
        }

        var rows = stackalloc nint[Guard.Lanes];
        for (nint i = 0; i < n; i++)
        {
            for (nint lane = 0; lane < Guard.Lanes; lane++)
            {
                rows[lane] = (nint)index[(i * Guard.Lanes) + lane] * width;
            }

            for (nint b = 0; b < batch; b++)
            {
                var source = table + (b * vocab * width);
                var target = result + (((b * n) + i) * width * Guard.Lanes);
                nint w = 0;
                for (; w <= width - Transpose.Elements; w += Transpose.Elements)
                {
                    Transpose.ToLanes(source + w, rows, target + (w * Guard.Lanes));
                }

                for (; w < width; w++)
                {
                    for (nint lane = 0; lane < Guard.Lanes; lane++)
                    {
                        target[(w * Guard.Lanes) + lane] = source[rows[lane] + w];
                    }
                }
            }
        }
    }

    /// <summary>The first columns of a table of at most 32 rows, one by one.</summary>
    private static void PermuteFew(float* table, float* index, float* result, nint vocab, nint n, nint width, nint columns)
    {
        var column = stackalloc float[2 * Guard.Lanes];
        new Span<float>(column, 2 * Guard.Lanes).Clear();
        for (nint w = 0; w < columns; w++)
        {
            for (nint v = 0; v < vocab; v++)
            {
                column[v] = table[(v * width) + w];
            }

            var lower = Vector512.Load(column);
            var upper = Vector512.Load(column + Guard.Lanes);
            for (nint i = 0; i < n; i++)
            {
                var at = Avx512F.ConvertToVector512Int32(Vector512.Load(index + (i * Guard.Lanes)));
                Avx512F.PermuteVar16x32x2(lower, at, upper).Store(result + (((i * width) + w) * Guard.Lanes));
            }
        }
    }

    /// <summary>Eight columns of a table of at most 32 rows.</summary>
    private static void Permute(float* table, float* index, float* result, nint vocab, nint n, nint width)
    {
        // Rows beyond the vocabulary are never looked up; reading row 0 in their place keeps within the table.
        var rows = stackalloc nint[2 * Guard.Lanes];
        var columns = stackalloc float[2 * Transpose.Elements * Guard.Lanes];
        for (nint v = 0; v < 2 * Guard.Lanes; v++)
        {
            rows[v] = v < vocab ? v * width : 0;
        }

        var upper = columns + (Transpose.Elements * Guard.Lanes);
        Transpose.ToLanes(table, rows, columns);
        Transpose.ToLanes(table, rows + Guard.Lanes, upper);
        var a0 = Vector512.Load(columns);
        var a1 = Vector512.Load(columns + 16);
        var a2 = Vector512.Load(columns + 32);
        var a3 = Vector512.Load(columns + 48);
        var a4 = Vector512.Load(columns + 64);
        var a5 = Vector512.Load(columns + 80);
        var a6 = Vector512.Load(columns + 96);
        var a7 = Vector512.Load(columns + 112);
        var b0 = Vector512.Load(upper);
        var b1 = Vector512.Load(upper + 16);
        var b2 = Vector512.Load(upper + 32);
        var b3 = Vector512.Load(upper + 48);
        var b4 = Vector512.Load(upper + 64);
        var b5 = Vector512.Load(upper + 80);
        var b6 = Vector512.Load(upper + 96);
        var b7 = Vector512.Load(upper + 112);
        for (nint i = 0; i < n; i++)
        {
            var at = Avx512F.ConvertToVector512Int32(Vector512.Load(index + (i * Guard.Lanes)));
            var target = result + (i * width * Guard.Lanes);
            Avx512F.PermuteVar16x32x2(a0, at, b0).Store(target);
            Avx512F.PermuteVar16x32x2(a1, at, b1).Store(target + 16);
            Avx512F.PermuteVar16x32x2(a2, at, b2).Store(target + 32);
            Avx512F.PermuteVar16x32x2(a3, at, b3).Store(target + 48);
            Avx512F.PermuteVar16x32x2(a4, at, b4).Store(target + 64);
            Avx512F.PermuteVar16x32x2(a5, at, b5).Store(target + 80);
            Avx512F.PermuteVar16x32x2(a6, at, b6).Store(target + 96);
            Avx512F.PermuteVar16x32x2(a7, at, b7).Store(target + 112);
        }
    }
}
