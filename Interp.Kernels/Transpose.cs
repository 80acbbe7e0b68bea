using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Interp.Kernels;

/// <summary>Between the lane layout and rows of their own, 8 elements of 16 lanes at a time.</summary>
internal static unsafe class Transpose
{
    /// <summary>Elements that one call moves.</summary>
    public const int Elements = 8;

    /// <summary>Lane l's 8 elements are read from rows[l] + offset; element e goes to target[e * 16 + l].</summary>
    public static void ToLanes(float** rows, nint offset, float* target)
    {
        if (Avx512F.IsSupported)
        {
            for (nint half = 0; half < 2; half++)
            {
                // Row r of each of the four quarters of the lanes in one vector: then a 4x4 transpose in each 128-bit block.
                var at = offset + (half * 4);
                var x0 = Quarters(rows, at);
                var x1 = Quarters(rows + 1, at);
                var x2 = Quarters(rows + 2, at);
                var x3 = Quarters(rows + 3, at);
                var low01 = Avx512F.UnpackLow(x0, x1).AsDouble();
                var high01 = Avx512F.UnpackHigh(x0, x1).AsDouble();
                var low23 = Avx512F.UnpackLow(x2, x3).AsDouble();
                var high23 = Avx512F.UnpackHigh(x2, x3).AsDouble();
                var result = target + (half * 4 * Guard.Lanes);
                Avx512F.UnpackLow(low01, low23).AsSingle().Store(result);
                Avx512F.UnpackHigh(low01, low23).AsSingle().Store(result + 16);
                Avx512F.UnpackLow(high01, high23).AsSingle().Store(result + 32);
                Avx512F.UnpackHigh(high01, high23).AsSingle().Store(result + 48);
            }

            return;
        }

        for (nint lane = 0; lane < Guard.Lanes; lane += 4)
        {
            for (nint half = 0; half < Elements; half += 4)
            {
                Four(
                    Vector128.Load(rows[lane] + offset + half),
                    Vector128.Load(rows[lane + 1] + offset + half),
                    Vector128.Load(rows[lane + 2] + offset + half),
                    Vector128.Load(rows[lane + 3] + offset + half),
                    target + (half * Guard.Lanes) + lane,
                    Guard.Lanes);
            }
        }
    }

    /// <summary>Element e of lane l is read from source[e * 16 + l] and goes to target[l * 8 + e].</summary>
    public static void ToRows(float* source, float* target)
    {
        if (Avx512F.IsSupported)
        {
            var (a0, a1, a2, a3) = Blocks(source);
            var (b0, b1, b2, b3) = Blocks(source + (4 * Guard.Lanes));
            // Block q of a_r holds the first 4 elements of lane 4q + r, block q of b_r the other 4.
            Pairs(a0, b0, target);
            Pairs(a1, b1, target + 8);
            Pairs(a2, b2, target + 16);
            Pairs(a3, b3, target + 24);
            return;
        }

        for (nint lane = 0; lane < Guard.Lanes; lane += 4)
        {
            for (nint half = 0; half < Elements; half += 4)
            {
                var x = source + (half * Guard.Lanes) + lane;
                Four(Vector128.Load(x), Vector128.Load(x + 16), Vector128.Load(x + 32), Vector128.Load(x + 48), target + (lane * Elements) + half, Elements);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Quarters(float** rows, nint offset) =>
        Vector512.Create(
            Vector256.Create(Vector128.Load(rows[0] + offset), Vector128.Load(rows[4] + offset)),
            Vector256.Create(Vector128.Load(rows[8] + offset), Vector128.Load(rows[12] + offset)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<float>, Vector512<float>, Vector512<float>, Vector512<float>) Blocks(float* source)
    {
        var x0 = Vector512.Load(source);
        var x1 = Vector512.Load(source + 16);
        var x2 = Vector512.Load(source + 32);
        var x3 = Vector512.Load(source + 48);
        var low01 = Avx512F.UnpackLow(x0, x1).AsDouble();
        var high01 = Avx512F.UnpackHigh(x0, x1).AsDouble();
        var low23 = Avx512F.UnpackLow(x2, x3).AsDouble();
        var high23 = Avx512F.UnpackHigh(x2, x3).AsDouble();
        return (
            Avx512F.UnpackLow(low01, low23).AsSingle(),
            Avx512F.UnpackHigh(low01, low23).AsSingle(),
            Avx512F.UnpackLow(high01, high23).AsSingle(),
            Avx512F.UnpackHigh(high01, high23).AsSingle());
    }

    /// <summary>Joins the halves of 4 rows, which lie 4 rows apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pairs(Vector512<float> first, Vector512<float> second, float* target)
    {
        var a = first.AsDouble();
        var b = second.AsDouble();
        var low = Avx512F.PermuteVar8x64x2(a, Vector512.Create(0L, 1, 8, 9, 2, 3, 10, 11), b).AsSingle();
        var high = Avx512F.PermuteVar8x64x2(a, Vector512.Create(4L, 5, 12, 13, 6, 7, 14, 15), b).AsSingle();
        low.GetLower().Store(target);
        low.GetUpper().Store(target + 32);
        high.GetLower().Store(target + 64);
        high.GetUpper().Store(target + 96);
    }

    /// <summary>A 4x4 transpose.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four(Vector128<float> x0, Vector128<float> x1, Vector128<float> x2, Vector128<float> x3, float* target, nint step)
    {
        if (Sse.IsSupported)
        {
            var low01 = Sse.UnpackLow(x0, x1);
            var high01 = Sse.UnpackHigh(x0, x1);
            var low23 = Sse.UnpackLow(x2, x3);
            var high23 = Sse.UnpackHigh(x2, x3);
            Sse.MoveLowToHigh(low01, low23).Store(target);
            Sse.MoveHighToLow(low23, low01).Store(target + step);
            Sse.MoveLowToHigh(high01, high23).Store(target + (2 * step));
            Sse.MoveHighToLow(high23, high01).Store(target + (3 * step));
            return;
        }

        for (var i = 0; i < 4; i++)
        {
            Vector128.Create(x0[i], x1[i], x2[i], x3[i]).Store(target + (i * step));
        }
    }
}
