using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

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

    /// <summary>The sums of n neighbouring elements. Groups of them are added and transposed at once, each in the same order.</summary>
    public static void Of(float* lanes, float* sums, nint n)
    {
        nint e = 0;
        if (Avx512F.IsSupported)
        {
            for (; e <= n - 16; e += 16)
            {
                Sixteen(lanes + (e * Guard.Lanes)).Store(sums + e);
            }
        }

        if (Avx.IsSupported)
        {
            for (; e <= n - 8; e += 8)
            {
                Eight(lanes + (e * Guard.Lanes)).Store(sums + e);
            }
        }

        for (; e < n; e++)
        {
            sums[e] = Of(lanes + (e * Guard.Lanes));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Sixteen(float* lanes)
    {
        // Elements s, s+4, s+8 and s+12 end in the four quarters of one vector, and so in place after the last step.
        var p = Quad(lanes);
        var q = Quad(lanes + 16);
        var r = Quad(lanes + 32);
        var s = Quad(lanes + 48);
        return Finish(Halve(p, q), Halve(r, s));
    }

    /// <summary>Four partial sums for each of the elements 0, 4, 8 and 12.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Quad(float* lanes) => Quarter(Pair(lanes, lanes + 64), Pair(lanes + 128, lanes + 192));

    /// <summary>Four partial sums for each element, one element in each quarter of the vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Quad(Vector512<float> x, Vector512<float> y, Vector512<float> z, Vector512<float> w) => Quarter(Pair(x, y), Pair(z, w));

    /// <summary>Two partial sums for each element of either operand, quarter by quarter.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Halve(Vector512<float> p, Vector512<float> q) =>
        Avx512F.UnpackLow(p.AsDouble(), q.AsDouble()).AsSingle() + Avx512F.UnpackHigh(p.AsDouble(), q.AsDouble()).AsSingle();

    /// <summary>The sums of the elements that <see cref="Halve"/> joined: two of each operand in every quarter.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Finish(Vector512<float> pq, Vector512<float> rs) =>
        Avx512F.Shuffle(pq, rs, 0b10_00_10_00) + Avx512F.Shuffle(pq, rs, 0b11_01_11_01);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Quarter(Vector512<float> xy, Vector512<float> zw) =>
        Avx512F.Shuffle4x128(xy, zw, 0b10_00_10_00) + Avx512F.Shuffle4x128(xy, zw, 0b11_01_11_01);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Pair(float* first, float* second)
    {
        var low = Vector512.Create(Vector256.Load(first), Vector256.Load(second));
        var high = Vector512.Create(Vector256.Load(first + 8), Vector256.Load(second + 8));
        return low + high;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Pair(Vector512<float> x, Vector512<float> y) =>
        Avx512F.Shuffle4x128(x, y, 0b01_00_01_00) + Avx512F.Shuffle4x128(x, y, 0b11_10_11_10);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Eight(float* lanes)
    {
        var p = Halves(lanes);
        var q = Halves(lanes + 16);
        var r = Halves(lanes + 32);
        var s = Halves(lanes + 48);
        var pq = Avx.UnpackLow(p.AsDouble(), q.AsDouble()).AsSingle() + Avx.UnpackHigh(p.AsDouble(), q.AsDouble()).AsSingle();
        var rs = Avx.UnpackLow(r.AsDouble(), s.AsDouble()).AsSingle() + Avx.UnpackHigh(r.AsDouble(), s.AsDouble()).AsSingle();
        return Avx.Shuffle(pq, rs, 0b10_00_10_00) + Avx.Shuffle(pq, rs, 0b11_01_11_01);
    }

    /// <summary>Four partial sums for each of the elements 0 and 4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Halves(float* lanes)
    {
        var x = Vector256.Load(lanes) + Vector256.Load(lanes + 8);
        var y = Vector256.Load(lanes + 64) + Vector256.Load(lanes + 72);
        return Avx.Permute2x128(x, y, 0x20) + Avx.Permute2x128(x, y, 0x31);
    }
}
