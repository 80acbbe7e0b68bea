using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Interp.Kernels;

/// <summary>
/// Register tiles whose sums are added over the 16 lanes without leaving the registers (AVX-512). A long sum goes in blocks: resume adds
/// this block's chains to those of the blocks before, which are in <c>sums</c>; only the last, finish, adds the lanes and writes the neighbouring columns of the result.
/// </summary>
internal static unsafe class SumTile
{
    /// <summary>4 rows by 6 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run4x6(float* a, nint* aRow, nint* aDepth, float* b, nint* bDepth, nint depth, float* sums, bool resume, bool finish, float* result, nint* resultRow)
    {
        var a0 = a + (aRow[0] * Guard.Lanes);
        var a1 = a + (aRow[1] * Guard.Lanes);
        var a2 = a + (aRow[2] * Guard.Lanes);
        var a3 = a + (aRow[3] * Guard.Lanes);
        Vector512<float> s00, s01, s02, s03, s04, s05;
        Vector512<float> s10, s11, s12, s13, s14, s15;
        Vector512<float> s20, s21, s22, s23, s24, s25;
        Vector512<float> s30, s31, s32, s33, s34, s35;
        s00 = s01 = s02 = s03 = s04 = s05 = Vector512<float>.Zero;
        s10 = s11 = s12 = s13 = s14 = s15 = Vector512<float>.Zero;
        s20 = s21 = s22 = s23 = s24 = s25 = Vector512<float>.Zero;
        s30 = s31 = s32 = s33 = s34 = s35 = Vector512<float>.Zero;

        for (nint k = 0; k < depth; k++)
        {
            var d = aDepth[k] * Guard.Lanes;
            var e = b + (bDepth[k] * Guard.Lanes);
            var x0 = Vector512.Load(a0 + d);
            var x1 = Vector512.Load(a1 + d);
            var x2 = Vector512.Load(a2 + d);
            var x3 = Vector512.Load(a3 + d);
            var y0 = Vector512.Load(e);
            s00 = Vector512.FusedMultiplyAdd(x0, y0, s00);
            s10 = Vector512.FusedMultiplyAdd(x1, y0, s10);
            s20 = Vector512.FusedMultiplyAdd(x2, y0, s20);
            s30 = Vector512.FusedMultiplyAdd(x3, y0, s30);
            var y1 = Vector512.Load(e + (1 * Guard.Lanes));
            s01 = Vector512.FusedMultiplyAdd(x0, y1, s01);
            s11 = Vector512.FusedMultiplyAdd(x1, y1, s11);
            s21 = Vector512.FusedMultiplyAdd(x2, y1, s21);
            s31 = Vector512.FusedMultiplyAdd(x3, y1, s31);
            var y2 = Vector512.Load(e + (2 * Guard.Lanes));
            s02 = Vector512.FusedMultiplyAdd(x0, y2, s02);
            s12 = Vector512.FusedMultiplyAdd(x1, y2, s12);
            s22 = Vector512.FusedMultiplyAdd(x2, y2, s22);
            s32 = Vector512.FusedMultiplyAdd(x3, y2, s32);
            var y3 = Vector512.Load(e + (3 * Guard.Lanes));
            s03 = Vector512.FusedMultiplyAdd(x0, y3, s03);
            s13 = Vector512.FusedMultiplyAdd(x1, y3, s13);
            s23 = Vector512.FusedMultiplyAdd(x2, y3, s23);
            s33 = Vector512.FusedMultiplyAdd(x3, y3, s33);
            var y4 = Vector512.Load(e + (4 * Guard.Lanes));
            s04 = Vector512.FusedMultiplyAdd(x0, y4, s04);
            s14 = Vector512.FusedMultiplyAdd(x1, y4, s14);
            s24 = Vector512.FusedMultiplyAdd(x2, y4, s24);
            s34 = Vector512.FusedMultiplyAdd(x3, y4, s34);
            var y5 = Vector512.Load(e + (5 * Guard.Lanes));
            s05 = Vector512.FusedMultiplyAdd(x0, y5, s05);
            s15 = Vector512.FusedMultiplyAdd(x1, y5, s15);
            s25 = Vector512.FusedMultiplyAdd(x2, y5, s25);
            s35 = Vector512.FusedMultiplyAdd(x3, y5, s35);
        }

        if (resume)
        {
            s00 += Vector512.Load(sums + (0 * Guard.Lanes));
            s10 += Vector512.Load(sums + (1 * Guard.Lanes));
            s20 += Vector512.Load(sums + (2 * Guard.Lanes));
            s30 += Vector512.Load(sums + (3 * Guard.Lanes));
            s01 += Vector512.Load(sums + (4 * Guard.Lanes));
            s11 += Vector512.Load(sums + (5 * Guard.Lanes));
            s21 += Vector512.Load(sums + (6 * Guard.Lanes));
            s31 += Vector512.Load(sums + (7 * Guard.Lanes));
            s02 += Vector512.Load(sums + (8 * Guard.Lanes));
            s12 += Vector512.Load(sums + (9 * Guard.Lanes));
            s22 += Vector512.Load(sums + (10 * Guard.Lanes));
            s32 += Vector512.Load(sums + (11 * Guard.Lanes));
            s03 += Vector512.Load(sums + (12 * Guard.Lanes));
            s13 += Vector512.Load(sums + (13 * Guard.Lanes));
            s23 += Vector512.Load(sums + (14 * Guard.Lanes));
            s33 += Vector512.Load(sums + (15 * Guard.Lanes));
            s04 += Vector512.Load(sums + (16 * Guard.Lanes));
            s14 += Vector512.Load(sums + (17 * Guard.Lanes));
            s24 += Vector512.Load(sums + (18 * Guard.Lanes));
            s34 += Vector512.Load(sums + (19 * Guard.Lanes));
            s05 += Vector512.Load(sums + (20 * Guard.Lanes));
            s15 += Vector512.Load(sums + (21 * Guard.Lanes));
            s25 += Vector512.Load(sums + (22 * Guard.Lanes));
            s35 += Vector512.Load(sums + (23 * Guard.Lanes));
        }

        if (!finish)
        {
            s00.Store(sums + (0 * Guard.Lanes));
            s10.Store(sums + (1 * Guard.Lanes));
            s20.Store(sums + (2 * Guard.Lanes));
            s30.Store(sums + (3 * Guard.Lanes));
            s01.Store(sums + (4 * Guard.Lanes));
            s11.Store(sums + (5 * Guard.Lanes));
            s21.Store(sums + (6 * Guard.Lanes));
            s31.Store(sums + (7 * Guard.Lanes));
            s02.Store(sums + (8 * Guard.Lanes));
            s12.Store(sums + (9 * Guard.Lanes));
            s22.Store(sums + (10 * Guard.Lanes));
            s32.Store(sums + (11 * Guard.Lanes));
            s03.Store(sums + (12 * Guard.Lanes));
            s13.Store(sums + (13 * Guard.Lanes));
            s23.Store(sums + (14 * Guard.Lanes));
            s33.Store(sums + (15 * Guard.Lanes));
            s04.Store(sums + (16 * Guard.Lanes));
            s14.Store(sums + (17 * Guard.Lanes));
            s24.Store(sums + (18 * Guard.Lanes));
            s34.Store(sums + (19 * Guard.Lanes));
            s05.Store(sums + (20 * Guard.Lanes));
            s15.Store(sums + (21 * Guard.Lanes));
            s25.Store(sums + (22 * Guard.Lanes));
            s35.Store(sums + (23 * Guard.Lanes));
            return;
        }

        var q0 = LaneSum.Quad(s00, s10, s20, s30);
        var q1 = LaneSum.Quad(s01, s11, s21, s31);
        var q2 = LaneSum.Quad(s02, s12, s22, s32);
        var q3 = LaneSum.Quad(s03, s13, s23, s33);
        var q4 = LaneSum.Quad(s04, s14, s24, s34);
        var q5 = LaneSum.Quad(s05, s15, s25, s35);
        var first = LaneSum.Finish(LaneSum.Halve(q0, q1), LaneSum.Halve(q2, q3));
        var r0 = result + resultRow[0];
        var r1 = result + resultRow[1];
        var r2 = result + resultRow[2];
        var r3 = result + resultRow[3];
        first.GetLower().GetLower().Store(r0);
        first.GetLower().GetUpper().Store(r1);
        first.GetUpper().GetLower().Store(r2);
        first.GetUpper().GetUpper().Store(r3);
        var rest = LaneSum.Halve(q4, q5);
        rest = LaneSum.Finish(rest, rest);
        *(double*)(r0 + 4) = rest.GetLower().GetLower().AsDouble().ToScalar();
        *(double*)(r1 + 4) = rest.GetLower().GetUpper().AsDouble().ToScalar();
        *(double*)(r2 + 4) = rest.GetUpper().GetLower().AsDouble().ToScalar();
        *(double*)(r3 + 4) = rest.GetUpper().GetUpper().AsDouble().ToScalar();
    }

    /// <summary>4 rows by 4 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run4x4(float* a, nint* aRow, nint* aDepth, float* b, nint* bDepth, nint depth, float* sums, bool resume, bool finish, float* result, nint* resultRow)
    {
        var a0 = a + (aRow[0] * Guard.Lanes);
        var a1 = a + (aRow[1] * Guard.Lanes);
        var a2 = a + (aRow[2] * Guard.Lanes);
        var a3 = a + (aRow[3] * Guard.Lanes);
        Vector512<float> s00, s01, s02, s03;
        Vector512<float> s10, s11, s12, s13;
        Vector512<float> s20, s21, s22, s23;
        Vector512<float> s30, s31, s32, s33;
        s00 = s01 = s02 = s03 = Vector512<float>.Zero;
        s10 = s11 = s12 = s13 = Vector512<float>.Zero;
        s20 = s21 = s22 = s23 = Vector512<float>.Zero;
        s30 = s31 = s32 = s33 = Vector512<float>.Zero;

        for (nint k = 0; k < depth; k++)
        {
            var d = aDepth[k] * Guard.Lanes;
            var e = b + (bDepth[k] * Guard.Lanes);
            var x0 = Vector512.Load(a0 + d);
            var x1 = Vector512.Load(a1 + d);
            var x2 = Vector512.Load(a2 + d);
            var x3 = Vector512.Load(a3 + d);
            var y0 = Vector512.Load(e);
            s00 = Vector512.FusedMultiplyAdd(x0, y0, s00);
            s10 = Vector512.FusedMultiplyAdd(x1, y0, s10);
            s20 = Vector512.FusedMultiplyAdd(x2, y0, s20);
            s30 = Vector512.FusedMultiplyAdd(x3, y0, s30);
            var y1 = Vector512.Load(e + (1 * Guard.Lanes));
            s01 = Vector512.FusedMultiplyAdd(x0, y1, s01);
            s11 = Vector512.FusedMultiplyAdd(x1, y1, s11);
            s21 = Vector512.FusedMultiplyAdd(x2, y1, s21);
            s31 = Vector512.FusedMultiplyAdd(x3, y1, s31);
            var y2 = Vector512.Load(e + (2 * Guard.Lanes));
            s02 = Vector512.FusedMultiplyAdd(x0, y2, s02);
            s12 = Vector512.FusedMultiplyAdd(x1, y2, s12);
            s22 = Vector512.FusedMultiplyAdd(x2, y2, s22);
            s32 = Vector512.FusedMultiplyAdd(x3, y2, s32);
            var y3 = Vector512.Load(e + (3 * Guard.Lanes));
            s03 = Vector512.FusedMultiplyAdd(x0, y3, s03);
            s13 = Vector512.FusedMultiplyAdd(x1, y3, s13);
            s23 = Vector512.FusedMultiplyAdd(x2, y3, s23);
            s33 = Vector512.FusedMultiplyAdd(x3, y3, s33);
        }

        if (resume)
        {
            s00 += Vector512.Load(sums + (0 * Guard.Lanes));
            s10 += Vector512.Load(sums + (1 * Guard.Lanes));
            s20 += Vector512.Load(sums + (2 * Guard.Lanes));
            s30 += Vector512.Load(sums + (3 * Guard.Lanes));
            s01 += Vector512.Load(sums + (4 * Guard.Lanes));
            s11 += Vector512.Load(sums + (5 * Guard.Lanes));
            s21 += Vector512.Load(sums + (6 * Guard.Lanes));
            s31 += Vector512.Load(sums + (7 * Guard.Lanes));
            s02 += Vector512.Load(sums + (8 * Guard.Lanes));
            s12 += Vector512.Load(sums + (9 * Guard.Lanes));
            s22 += Vector512.Load(sums + (10 * Guard.Lanes));
            s32 += Vector512.Load(sums + (11 * Guard.Lanes));
            s03 += Vector512.Load(sums + (12 * Guard.Lanes));
            s13 += Vector512.Load(sums + (13 * Guard.Lanes));
            s23 += Vector512.Load(sums + (14 * Guard.Lanes));
            s33 += Vector512.Load(sums + (15 * Guard.Lanes));
        }

        if (!finish)
        {
            s00.Store(sums + (0 * Guard.Lanes));
            s10.Store(sums + (1 * Guard.Lanes));
            s20.Store(sums + (2 * Guard.Lanes));
            s30.Store(sums + (3 * Guard.Lanes));
            s01.Store(sums + (4 * Guard.Lanes));
            s11.Store(sums + (5 * Guard.Lanes));
            s21.Store(sums + (6 * Guard.Lanes));
            s31.Store(sums + (7 * Guard.Lanes));
            s02.Store(sums + (8 * Guard.Lanes));
            s12.Store(sums + (9 * Guard.Lanes));
            s22.Store(sums + (10 * Guard.Lanes));
            s32.Store(sums + (11 * Guard.Lanes));
            s03.Store(sums + (12 * Guard.Lanes));
            s13.Store(sums + (13 * Guard.Lanes));
            s23.Store(sums + (14 * Guard.Lanes));
            s33.Store(sums + (15 * Guard.Lanes));
            return;
        }

        var q0 = LaneSum.Quad(s00, s10, s20, s30);
        var q1 = LaneSum.Quad(s01, s11, s21, s31);
        var q2 = LaneSum.Quad(s02, s12, s22, s32);
        var q3 = LaneSum.Quad(s03, s13, s23, s33);
        var first = LaneSum.Finish(LaneSum.Halve(q0, q1), LaneSum.Halve(q2, q3));
        var r0 = result + resultRow[0];
        var r1 = result + resultRow[1];
        var r2 = result + resultRow[2];
        var r3 = result + resultRow[3];
        first.GetLower().GetLower().Store(r0);
        first.GetLower().GetUpper().Store(r1);
        first.GetUpper().GetLower().Store(r2);
        first.GetUpper().GetUpper().Store(r3);
    }
}
