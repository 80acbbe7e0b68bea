using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Interp.Kernels;

/// <summary>Between elements of 16 lanes and a row for each lane, 8 elements at a time.</summary>
internal static unsafe class Transpose
{
    /// <summary>Elements that go at a time.</summary>
    public const int Elements = 8;

    /// <summary>Lane l's 8 elements are read from source + rows[l]; element e goes to target[e * 16 + l].</summary>
    public static void ToLanes(float* source, nint* rows, float* target)
    {
        if (Avx512F.IsSupported)
        {
            for (nint half = 0; half < 2; half++)
            {
                // Row r of each of the four quarters of the lanes in one vector: then a 4x4 transpose in each quarter of a vector.
                var at = source + (half * 4);
                var x0 = Quarters(at, rows);
                var x1 = Quarters(at, rows + 1);
                var x2 = Quarters(at, rows + 2);
                var x3 = Quarters(at, rows + 3);
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
            var row0 = source + rows[lane];
            var row1 = source + rows[lane + 1];
            var row2 = source + rows[lane + 2];
            var row3 = source + rows[lane + 3];
            var result = target + lane;
            Four(Vector128.Load(row0), Vector128.Load(row1), Vector128.Load(row2), Vector128.Load(row3), result, Guard.Lanes);
            Four(Vector128.Load(row0 + 4), Vector128.Load(row1 + 4), Vector128.Load(row2 + 4), Vector128.Load(row3 + 4), result + (4 * Guard.Lanes), Guard.Lanes);
        }
    }

    /// <summary>Lane l's 8 elements from the first place on, then its 8 from the second, go to target[l * 16].</summary>
    public static void ToRows(float* first, float* second, float* target)
    {
        if (Avx512F.IsSupported)
        {
            // Quarter q of x_r holds 4 elements of lane 4q + r.
            var (a0, a1, a2, a3) = LaneQuads(first);
            var (b0, b1, b2, b3) = LaneQuads(first + (4 * Guard.Lanes));
            var (c0, c1, c2, c3) = LaneQuads(second);
            var (d0, d1, d2, d3) = LaneQuads(second + (4 * Guard.Lanes));
            JoinQuarters(a0, b0, c0, d0, target);
            JoinQuarters(a1, b1, c1, d1, target + 16);
            JoinQuarters(a2, b2, c2, d2, target + 32);
            JoinQuarters(a3, b3, c3, d3, target + 48);
            return;
        }

        for (nint lane = 0; lane < Guard.Lanes; lane += 4)
        {
            var result = target + (lane * Guard.Lanes);
            Quad(first + lane, result);
            Quad(first + (4 * Guard.Lanes) + lane, result + 4);
            Quad(second + lane, result + 8);
            Quad(second + (4 * Guard.Lanes) + lane, result + 12);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Quarters(float* source, nint* rows) =>
        Vector512.Create(
            Vector256.Create(Vector128.Load(source + rows[0]), Vector128.Load(source + rows[4])),
            Vector256.Create(Vector128.Load(source + rows[8]), Vector128.Load(source + rows[12])));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<float>, Vector512<float>, Vector512<float>, Vector512<float>) LaneQuads(float* source)
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

    /// <summary>Stores 4 rows, 4 apart: row q is quarter q of each operand.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void JoinQuarters(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d, float* target)
    {
        var abLow = Avx512F.Shuffle4x128(a, b, 0b01_00_01_00);
        var abHigh = Avx512F.Shuffle4x128(a, b, 0b11_10_11_10);
        var cdLow = Avx512F.Shuffle4x128(c, d, 0b01_00_01_00);
        var cdHigh = Avx512F.Shuffle4x128(c, d, 0b11_10_11_10);
        Avx512F.Shuffle4x128(abLow, cdLow, 0b10_00_10_00).Store(target);
        Avx512F.Shuffle4x128(abLow, cdLow, 0b11_01_11_01).Store(target + 64);
        Avx512F.Shuffle4x128(abHigh, cdHigh, 0b10_00_10_00).Store(target + 128);
        Avx512F.Shuffle4x128(abHigh, cdHigh, 0b11_01_11_01).Store(target + 192);
    }

    /// <summary>Four lanes of 4 neighbouring elements, 16 apart, to 4 rows, 16 apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quad(float* source, float* target) =>
        Four(Vector128.Load(source), Vector128.Load(source + 16), Vector128.Load(source + 32), Vector128.Load(source + 48), target, Guard.Lanes);

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

        if (AdvSimd.Arm64.IsSupported)
        {
            var low01 = AdvSimd.Arm64.ZipLow(x0, x1).AsDouble();
            var high01 = AdvSimd.Arm64.ZipHigh(x0, x1).AsDouble();
            var low23 = AdvSimd.Arm64.ZipLow(x2, x3).AsDouble();
            var high23 = AdvSimd.Arm64.ZipHigh(x2, x3).AsDouble();
            AdvSimd.Arm64.ZipLow(low01, low23).AsSingle().Store(target);
            AdvSimd.Arm64.ZipHigh(low01, low23).AsSingle().Store(target + step);
            AdvSimd.Arm64.ZipLow(high01, high23).AsSingle().Store(target + (2 * step));
            AdvSimd.Arm64.ZipHigh(high01, high23).AsSingle().Store(target + (3 * step));
            return;
        }

        for (var i = 0; i < 4; i++)
        {
            Vector128.Create(x0[i], x1[i], x2[i], x3[i]).Store(target + (i * step));
        }
    }
}
