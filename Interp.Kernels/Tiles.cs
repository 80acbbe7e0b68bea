using System.Runtime.CompilerServices;

namespace Interp.Kernels;

/// <summary>
/// Register tiles: some rows of a times some columns of b, over the whole depth. Every sum is one chain of fused multiply-adds that starts at 0;
/// to accumulate, the finished sum is added to the old value. A column's old values are read before any is written, so a row may be given twice.
/// </summary>
internal static unsafe class Tile<O, V, B>
    where O : struct, ILanes<V>
    where V : struct
    where B : struct, IOperand<V>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run4x6(float* a, nint* aRow, nint* aDepth, float* b, nint* bDepth, nint depth, float* result, nint* resultRow, nint* resultColumn, bool accumulate)
    {
        var a0 = a + (aRow[0] * Guard.Lanes);
        var a1 = a + (aRow[1] * Guard.Lanes);
        var a2 = a + (aRow[2] * Guard.Lanes);
        var a3 = a + (aRow[3] * Guard.Lanes);
        var r0 = result + (resultRow[0] * Guard.Lanes);
        var r1 = result + (resultRow[1] * Guard.Lanes);
        var r2 = result + (resultRow[2] * Guard.Lanes);
        var r3 = result + (resultRow[3] * Guard.Lanes);
        V s00, s01, s02, s03, s04, s05;
        V s10, s11, s12, s13, s14, s15;
        V s20, s21, s22, s23, s24, s25;
        V s30, s31, s32, s33, s34, s35;
        s00 = s01 = s02 = s03 = s04 = s05 = O.Create(0f);
        s10 = s11 = s12 = s13 = s14 = s15 = O.Create(0f);
        s20 = s21 = s22 = s23 = s24 = s25 = O.Create(0f);
        s30 = s31 = s32 = s33 = s34 = s35 = O.Create(0f);

        for (nint k = 0; k < depth; k++)
        {
            var d = aDepth[k] * Guard.Lanes;
            var e = B.At(b, bDepth, k, 6);
            var x0 = O.Load(a0 + d);
            var x1 = O.Load(a1 + d);
            var x2 = O.Load(a2 + d);
            var x3 = O.Load(a3 + d);
            var y0 = B.Load(e, 0);
            s00 = O.FusedMultiplyAdd(x0, y0, s00);
            s10 = O.FusedMultiplyAdd(x1, y0, s10);
            s20 = O.FusedMultiplyAdd(x2, y0, s20);
            s30 = O.FusedMultiplyAdd(x3, y0, s30);
            var y1 = B.Load(e, 1);
            s01 = O.FusedMultiplyAdd(x0, y1, s01);
            s11 = O.FusedMultiplyAdd(x1, y1, s11);
            s21 = O.FusedMultiplyAdd(x2, y1, s21);
            s31 = O.FusedMultiplyAdd(x3, y1, s31);
            var y2 = B.Load(e, 2);
            s02 = O.FusedMultiplyAdd(x0, y2, s02);
            s12 = O.FusedMultiplyAdd(x1, y2, s12);
            s22 = O.FusedMultiplyAdd(x2, y2, s22);
            s32 = O.FusedMultiplyAdd(x3, y2, s32);
            var y3 = B.Load(e, 3);
            s03 = O.FusedMultiplyAdd(x0, y3, s03);
            s13 = O.FusedMultiplyAdd(x1, y3, s13);
            s23 = O.FusedMultiplyAdd(x2, y3, s23);
            s33 = O.FusedMultiplyAdd(x3, y3, s33);
            var y4 = B.Load(e, 4);
            s04 = O.FusedMultiplyAdd(x0, y4, s04);
            s14 = O.FusedMultiplyAdd(x1, y4, s14);
            s24 = O.FusedMultiplyAdd(x2, y4, s24);
            s34 = O.FusedMultiplyAdd(x3, y4, s34);
            var y5 = B.Load(e, 5);
            s05 = O.FusedMultiplyAdd(x0, y5, s05);
            s15 = O.FusedMultiplyAdd(x1, y5, s15);
            s25 = O.FusedMultiplyAdd(x2, y5, s25);
            s35 = O.FusedMultiplyAdd(x3, y5, s35);
        }

        var t0 = resultColumn[0] * Guard.Lanes;
        if (accumulate)
        {
            s00 = O.Add(O.Load(r0 + t0), s00);
            s10 = O.Add(O.Load(r1 + t0), s10);
            s20 = O.Add(O.Load(r2 + t0), s20);
            s30 = O.Add(O.Load(r3 + t0), s30);
        }

        O.Store(s00, r0 + t0);
        O.Store(s10, r1 + t0);
        O.Store(s20, r2 + t0);
        O.Store(s30, r3 + t0);
        var t1 = resultColumn[1] * Guard.Lanes;
        if (accumulate)
        {
            s01 = O.Add(O.Load(r0 + t1), s01);
            s11 = O.Add(O.Load(r1 + t1), s11);
            s21 = O.Add(O.Load(r2 + t1), s21);
            s31 = O.Add(O.Load(r3 + t1), s31);
        }

        O.Store(s01, r0 + t1);
        O.Store(s11, r1 + t1);
        O.Store(s21, r2 + t1);
        O.Store(s31, r3 + t1);
        var t2 = resultColumn[2] * Guard.Lanes;
        if (accumulate)
        {
            s02 = O.Add(O.Load(r0 + t2), s02);
            s12 = O.Add(O.Load(r1 + t2), s12);
            s22 = O.Add(O.Load(r2 + t2), s22);
            s32 = O.Add(O.Load(r3 + t2), s32);
        }

        O.Store(s02, r0 + t2);
        O.Store(s12, r1 + t2);
        O.Store(s22, r2 + t2);
        O.Store(s32, r3 + t2);
        var t3 = resultColumn[3] * Guard.Lanes;
        if (accumulate)
        {
            s03 = O.Add(O.Load(r0 + t3), s03);
            s13 = O.Add(O.Load(r1 + t3), s13);
            s23 = O.Add(O.Load(r2 + t3), s23);
            s33 = O.Add(O.Load(r3 + t3), s33);
        }

        O.Store(s03, r0 + t3);
        O.Store(s13, r1 + t3);
        O.Store(s23, r2 + t3);
        O.Store(s33, r3 + t3);
        var t4 = resultColumn[4] * Guard.Lanes;
        if (accumulate)
        {
            s04 = O.Add(O.Load(r0 + t4), s04);
            s14 = O.Add(O.Load(r1 + t4), s14);
            s24 = O.Add(O.Load(r2 + t4), s24);
            s34 = O.Add(O.Load(r3 + t4), s34);
        }

        O.Store(s04, r0 + t4);
        O.Store(s14, r1 + t4);
        O.Store(s24, r2 + t4);
        O.Store(s34, r3 + t4);
        var t5 = resultColumn[5] * Guard.Lanes;
        if (accumulate)
        {
            s05 = O.Add(O.Load(r0 + t5), s05);
            s15 = O.Add(O.Load(r1 + t5), s15);
            s25 = O.Add(O.Load(r2 + t5), s25);
            s35 = O.Add(O.Load(r3 + t5), s35);
        }

        O.Store(s05, r0 + t5);
        O.Store(s15, r1 + t5);
        O.Store(s25, r2 + t5);
        O.Store(s35, r3 + t5);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run4x4(float* a, nint* aRow, nint* aDepth, float* b, nint* bDepth, nint depth, float* result, nint* resultRow, nint* resultColumn, bool accumulate)
    {
        var a0 = a + (aRow[0] * Guard.Lanes);
        var a1 = a + (aRow[1] * Guard.Lanes);
        var a2 = a + (aRow[2] * Guard.Lanes);
        var a3 = a + (aRow[3] * Guard.Lanes);
        var r0 = result + (resultRow[0] * Guard.Lanes);
        var r1 = result + (resultRow[1] * Guard.Lanes);
        var r2 = result + (resultRow[2] * Guard.Lanes);
        var r3 = result + (resultRow[3] * Guard.Lanes);
        V s00, s01, s02, s03;
        V s10, s11, s12, s13;
        V s20, s21, s22, s23;
        V s30, s31, s32, s33;
        s00 = s01 = s02 = s03 = O.Create(0f);
        s10 = s11 = s12 = s13 = O.Create(0f);
        s20 = s21 = s22 = s23 = O.Create(0f);
        s30 = s31 = s32 = s33 = O.Create(0f);

        for (nint k = 0; k < depth; k++)
        {
            var d = aDepth[k] * Guard.Lanes;
            var e = B.At(b, bDepth, k, 4);
            var x0 = O.Load(a0 + d);
            var x1 = O.Load(a1 + d);
            var x2 = O.Load(a2 + d);
            var x3 = O.Load(a3 + d);
            var y0 = B.Load(e, 0);
            s00 = O.FusedMultiplyAdd(x0, y0, s00);
            s10 = O.FusedMultiplyAdd(x1, y0, s10);
            s20 = O.FusedMultiplyAdd(x2, y0, s20);
            s30 = O.FusedMultiplyAdd(x3, y0, s30);
            var y1 = B.Load(e, 1);
            s01 = O.FusedMultiplyAdd(x0, y1, s01);
            s11 = O.FusedMultiplyAdd(x1, y1, s11);
            s21 = O.FusedMultiplyAdd(x2, y1, s21);
            s31 = O.FusedMultiplyAdd(x3, y1, s31);
            var y2 = B.Load(e, 2);
            s02 = O.FusedMultiplyAdd(x0, y2, s02);
            s12 = O.FusedMultiplyAdd(x1, y2, s12);
            s22 = O.FusedMultiplyAdd(x2, y2, s22);
            s32 = O.FusedMultiplyAdd(x3, y2, s32);
            var y3 = B.Load(e, 3);
            s03 = O.FusedMultiplyAdd(x0, y3, s03);
            s13 = O.FusedMultiplyAdd(x1, y3, s13);
            s23 = O.FusedMultiplyAdd(x2, y3, s23);
            s33 = O.FusedMultiplyAdd(x3, y3, s33);
        }

        var t0 = resultColumn[0] * Guard.Lanes;
        if (accumulate)
        {
            s00 = O.Add(O.Load(r0 + t0), s00);
            s10 = O.Add(O.Load(r1 + t0), s10);
            s20 = O.Add(O.Load(r2 + t0), s20);
            s30 = O.Add(O.Load(r3 + t0), s30);
        }

        O.Store(s00, r0 + t0);
        O.Store(s10, r1 + t0);
        O.Store(s20, r2 + t0);
        O.Store(s30, r3 + t0);
        var t1 = resultColumn[1] * Guard.Lanes;
        if (accumulate)
        {
            s01 = O.Add(O.Load(r0 + t1), s01);
            s11 = O.Add(O.Load(r1 + t1), s11);
            s21 = O.Add(O.Load(r2 + t1), s21);
            s31 = O.Add(O.Load(r3 + t1), s31);
        }

        O.Store(s01, r0 + t1);
        O.Store(s11, r1 + t1);
        O.Store(s21, r2 + t1);
        O.Store(s31, r3 + t1);
        var t2 = resultColumn[2] * Guard.Lanes;
        if (accumulate)
        {
            s02 = O.Add(O.Load(r0 + t2), s02);
            s12 = O.Add(O.Load(r1 + t2), s12);
            s22 = O.Add(O.Load(r2 + t2), s22);
            s32 = O.Add(O.Load(r3 + t2), s32);
        }

        O.Store(s02, r0 + t2);
        O.Store(s12, r1 + t2);
        O.Store(s22, r2 + t2);
        O.Store(s32, r3 + t2);
        var t3 = resultColumn[3] * Guard.Lanes;
        if (accumulate)
        {
            s03 = O.Add(O.Load(r0 + t3), s03);
            s13 = O.Add(O.Load(r1 + t3), s13);
            s23 = O.Add(O.Load(r2 + t3), s23);
            s33 = O.Add(O.Load(r3 + t3), s33);
        }

        O.Store(s03, r0 + t3);
        O.Store(s13, r1 + t3);
        O.Store(s23, r2 + t3);
        O.Store(s33, r3 + t3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run4x3(float* a, nint* aRow, nint* aDepth, float* b, nint* bDepth, nint depth, float* result, nint* resultRow, nint* resultColumn, bool accumulate)
    {
        var a0 = a + (aRow[0] * Guard.Lanes);
        var a1 = a + (aRow[1] * Guard.Lanes);
        var a2 = a + (aRow[2] * Guard.Lanes);
        var a3 = a + (aRow[3] * Guard.Lanes);
        var r0 = result + (resultRow[0] * Guard.Lanes);
        var r1 = result + (resultRow[1] * Guard.Lanes);
        var r2 = result + (resultRow[2] * Guard.Lanes);
        var r3 = result + (resultRow[3] * Guard.Lanes);
        V s00, s01, s02;
        V s10, s11, s12;
        V s20, s21, s22;
        V s30, s31, s32;
        s00 = s01 = s02 = O.Create(0f);
        s10 = s11 = s12 = O.Create(0f);
        s20 = s21 = s22 = O.Create(0f);
        s30 = s31 = s32 = O.Create(0f);

        for (nint k = 0; k < depth; k++)
        {
            var d = aDepth[k] * Guard.Lanes;
            var e = B.At(b, bDepth, k, 3);
            var x0 = O.Load(a0 + d);
            var x1 = O.Load(a1 + d);
            var x2 = O.Load(a2 + d);
            var x3 = O.Load(a3 + d);
            var y0 = B.Load(e, 0);
            s00 = O.FusedMultiplyAdd(x0, y0, s00);
            s10 = O.FusedMultiplyAdd(x1, y0, s10);
            s20 = O.FusedMultiplyAdd(x2, y0, s20);
            s30 = O.FusedMultiplyAdd(x3, y0, s30);
            var y1 = B.Load(e, 1);
            s01 = O.FusedMultiplyAdd(x0, y1, s01);
            s11 = O.FusedMultiplyAdd(x1, y1, s11);
            s21 = O.FusedMultiplyAdd(x2, y1, s21);
            s31 = O.FusedMultiplyAdd(x3, y1, s31);
            var y2 = B.Load(e, 2);
            s02 = O.FusedMultiplyAdd(x0, y2, s02);
            s12 = O.FusedMultiplyAdd(x1, y2, s12);
            s22 = O.FusedMultiplyAdd(x2, y2, s22);
            s32 = O.FusedMultiplyAdd(x3, y2, s32);
        }

        var t0 = resultColumn[0] * Guard.Lanes;
        if (accumulate)
        {
            s00 = O.Add(O.Load(r0 + t0), s00);
            s10 = O.Add(O.Load(r1 + t0), s10);
            s20 = O.Add(O.Load(r2 + t0), s20);
            s30 = O.Add(O.Load(r3 + t0), s30);
        }

        O.Store(s00, r0 + t0);
        O.Store(s10, r1 + t0);
        O.Store(s20, r2 + t0);
        O.Store(s30, r3 + t0);
        var t1 = resultColumn[1] * Guard.Lanes;
        if (accumulate)
        {
            s01 = O.Add(O.Load(r0 + t1), s01);
            s11 = O.Add(O.Load(r1 + t1), s11);
            s21 = O.Add(O.Load(r2 + t1), s21);
            s31 = O.Add(O.Load(r3 + t1), s31);
        }

        O.Store(s01, r0 + t1);
        O.Store(s11, r1 + t1);
        O.Store(s21, r2 + t1);
        O.Store(s31, r3 + t1);
        var t2 = resultColumn[2] * Guard.Lanes;
        if (accumulate)
        {
            s02 = O.Add(O.Load(r0 + t2), s02);
            s12 = O.Add(O.Load(r1 + t2), s12);
            s22 = O.Add(O.Load(r2 + t2), s22);
            s32 = O.Add(O.Load(r3 + t2), s32);
        }

        O.Store(s02, r0 + t2);
        O.Store(s12, r1 + t2);
        O.Store(s22, r2 + t2);
        O.Store(s32, r3 + t2);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run4x2(float* a, nint* aRow, nint* aDepth, float* b, nint* bDepth, nint depth, float* result, nint* resultRow, nint* resultColumn, bool accumulate)
    {
        var a0 = a + (aRow[0] * Guard.Lanes);
        var a1 = a + (aRow[1] * Guard.Lanes);
        var a2 = a + (aRow[2] * Guard.Lanes);
        var a3 = a + (aRow[3] * Guard.Lanes);
        var r0 = result + (resultRow[0] * Guard.Lanes);
        var r1 = result + (resultRow[1] * Guard.Lanes);
        var r2 = result + (resultRow[2] * Guard.Lanes);
        var r3 = result + (resultRow[3] * Guard.Lanes);
        V s00, s01;
        V s10, s11;
        V s20, s21;
        V s30, s31;
        s00 = s01 = O.Create(0f);
        s10 = s11 = O.Create(0f);
        s20 = s21 = O.Create(0f);
        s30 = s31 = O.Create(0f);

        for (nint k = 0; k < depth; k++)
        {
            var d = aDepth[k] * Guard.Lanes;
            var e = B.At(b, bDepth, k, 2);
            var x0 = O.Load(a0 + d);
            var x1 = O.Load(a1 + d);
            var x2 = O.Load(a2 + d);
            var x3 = O.Load(a3 + d);
            var y0 = B.Load(e, 0);
            s00 = O.FusedMultiplyAdd(x0, y0, s00);
            s10 = O.FusedMultiplyAdd(x1, y0, s10);
            s20 = O.FusedMultiplyAdd(x2, y0, s20);
            s30 = O.FusedMultiplyAdd(x3, y0, s30);
            var y1 = B.Load(e, 1);
            s01 = O.FusedMultiplyAdd(x0, y1, s01);
            s11 = O.FusedMultiplyAdd(x1, y1, s11);
            s21 = O.FusedMultiplyAdd(x2, y1, s21);
            s31 = O.FusedMultiplyAdd(x3, y1, s31);
        }

        var t0 = resultColumn[0] * Guard.Lanes;
        if (accumulate)
        {
            s00 = O.Add(O.Load(r0 + t0), s00);
            s10 = O.Add(O.Load(r1 + t0), s10);
            s20 = O.Add(O.Load(r2 + t0), s20);
            s30 = O.Add(O.Load(r3 + t0), s30);
        }

        O.Store(s00, r0 + t0);
        O.Store(s10, r1 + t0);
        O.Store(s20, r2 + t0);
        O.Store(s30, r3 + t0);
        var t1 = resultColumn[1] * Guard.Lanes;
        if (accumulate)
        {
            s01 = O.Add(O.Load(r0 + t1), s01);
            s11 = O.Add(O.Load(r1 + t1), s11);
            s21 = O.Add(O.Load(r2 + t1), s21);
            s31 = O.Add(O.Load(r3 + t1), s31);
        }

        O.Store(s01, r0 + t1);
        O.Store(s11, r1 + t1);
        O.Store(s21, r2 + t1);
        O.Store(s31, r3 + t1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run4x1(float* a, nint* aRow, nint* aDepth, float* b, nint* bDepth, nint depth, float* result, nint* resultRow, nint* resultColumn, bool accumulate)
    {
        var a0 = a + (aRow[0] * Guard.Lanes);
        var a1 = a + (aRow[1] * Guard.Lanes);
        var a2 = a + (aRow[2] * Guard.Lanes);
        var a3 = a + (aRow[3] * Guard.Lanes);
        var r0 = result + (resultRow[0] * Guard.Lanes);
        var r1 = result + (resultRow[1] * Guard.Lanes);
        var r2 = result + (resultRow[2] * Guard.Lanes);
        var r3 = result + (resultRow[3] * Guard.Lanes);
        V s00;
        V s10;
        V s20;
        V s30;
        s00 = O.Create(0f);
        s10 = O.Create(0f);
        s20 = O.Create(0f);
        s30 = O.Create(0f);

        for (nint k = 0; k < depth; k++)
        {
            var d = aDepth[k] * Guard.Lanes;
            var e = B.At(b, bDepth, k, 1);
            var x0 = O.Load(a0 + d);
            var x1 = O.Load(a1 + d);
            var x2 = O.Load(a2 + d);
            var x3 = O.Load(a3 + d);
            var y0 = B.Load(e, 0);
            s00 = O.FusedMultiplyAdd(x0, y0, s00);
            s10 = O.FusedMultiplyAdd(x1, y0, s10);
            s20 = O.FusedMultiplyAdd(x2, y0, s20);
            s30 = O.FusedMultiplyAdd(x3, y0, s30);
        }

        var t0 = resultColumn[0] * Guard.Lanes;
        if (accumulate)
        {
            s00 = O.Add(O.Load(r0 + t0), s00);
            s10 = O.Add(O.Load(r1 + t0), s10);
            s20 = O.Add(O.Load(r2 + t0), s20);
            s30 = O.Add(O.Load(r3 + t0), s30);
        }

        O.Store(s00, r0 + t0);
        O.Store(s10, r1 + t0);
        O.Store(s20, r2 + t0);
        O.Store(s30, r3 + t0);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run2x6(float* a, nint* aRow, nint* aDepth, float* b, nint* bDepth, nint depth, float* result, nint* resultRow, nint* resultColumn, bool accumulate)
    {
        var a0 = a + (aRow[0] * Guard.Lanes);
        var a1 = a + (aRow[1] * Guard.Lanes);
        var r0 = result + (resultRow[0] * Guard.Lanes);
        var r1 = result + (resultRow[1] * Guard.Lanes);
        V s00, s01, s02, s03, s04, s05;
        V s10, s11, s12, s13, s14, s15;
        s00 = s01 = s02 = s03 = s04 = s05 = O.Create(0f);
        s10 = s11 = s12 = s13 = s14 = s15 = O.Create(0f);

        for (nint k = 0; k < depth; k++)
        {
            var d = aDepth[k] * Guard.Lanes;
            var e = B.At(b, bDepth, k, 6);
            var x0 = O.Load(a0 + d);
            var x1 = O.Load(a1 + d);
            var y0 = B.Load(e, 0);
            s00 = O.FusedMultiplyAdd(x0, y0, s00);
            s10 = O.FusedMultiplyAdd(x1, y0, s10);
            var y1 = B.Load(e, 1);
            s01 = O.FusedMultiplyAdd(x0, y1, s01);
            s11 = O.FusedMultiplyAdd(x1, y1, s11);
            var y2 = B.Load(e, 2);
            s02 = O.FusedMultiplyAdd(x0, y2, s02);
            s12 = O.FusedMultiplyAdd(x1, y2, s12);
            var y3 = B.Load(e, 3);
            s03 = O.FusedMultiplyAdd(x0, y3, s03);
            s13 = O.FusedMultiplyAdd(x1, y3, s13);
            var y4 = B.Load(e, 4);
            s04 = O.FusedMultiplyAdd(x0, y4, s04);
            s14 = O.FusedMultiplyAdd(x1, y4, s14);
            var y5 = B.Load(e, 5);
            s05 = O.FusedMultiplyAdd(x0, y5, s05);
            s15 = O.FusedMultiplyAdd(x1, y5, s15);
        }

        var t0 = resultColumn[0] * Guard.Lanes;
        if (accumulate)
        {
            s00 = O.Add(O.Load(r0 + t0), s00);
            s10 = O.Add(O.Load(r1 + t0), s10);
        }

        O.Store(s00, r0 + t0);
        O.Store(s10, r1 + t0);
        var t1 = resultColumn[1] * Guard.Lanes;
        if (accumulate)
        {
            s01 = O.Add(O.Load(r0 + t1), s01);
            s11 = O.Add(O.Load(r1 + t1), s11);
        }

        O.Store(s01, r0 + t1);
        O.Store(s11, r1 + t1);
        var t2 = resultColumn[2] * Guard.Lanes;
        if (accumulate)
        {
            s02 = O.Add(O.Load(r0 + t2), s02);
            s12 = O.Add(O.Load(r1 + t2), s12);
        }

        O.Store(s02, r0 + t2);
        O.Store(s12, r1 + t2);
        var t3 = resultColumn[3] * Guard.Lanes;
        if (accumulate)
        {
            s03 = O.Add(O.Load(r0 + t3), s03);
            s13 = O.Add(O.Load(r1 + t3), s13);
        }

        O.Store(s03, r0 + t3);
        O.Store(s13, r1 + t3);
        var t4 = resultColumn[4] * Guard.Lanes;
        if (accumulate)
        {
            s04 = O.Add(O.Load(r0 + t4), s04);
            s14 = O.Add(O.Load(r1 + t4), s14);
        }

        O.Store(s04, r0 + t4);
        O.Store(s14, r1 + t4);
        var t5 = resultColumn[5] * Guard.Lanes;
        if (accumulate)
        {
            s05 = O.Add(O.Load(r0 + t5), s05);
            s15 = O.Add(O.Load(r1 + t5), s15);
        }

        O.Store(s05, r0 + t5);
        O.Store(s15, r1 + t5);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run2x4(float* a, nint* aRow, nint* aDepth, float* b, nint* bDepth, nint depth, float* result, nint* resultRow, nint* resultColumn, bool accumulate)
    {
        var a0 = a + (aRow[0] * Guard.Lanes);
        var a1 = a + (aRow[1] * Guard.Lanes);
        var r0 = result + (resultRow[0] * Guard.Lanes);
        var r1 = result + (resultRow[1] * Guard.Lanes);
        V s00, s01, s02, s03;
        V s10, s11, s12, s13;
        s00 = s01 = s02 = s03 = O.Create(0f);
        s10 = s11 = s12 = s13 = O.Create(0f);

        for (nint k = 0; k < depth; k++)
        {
            var d = aDepth[k] * Guard.Lanes;
            var e = B.At(b, bDepth, k, 4);
            var x0 = O.Load(a0 + d);
            var x1 = O.Load(a1 + d);
            var y0 = B.Load(e, 0);
            s00 = O.FusedMultiplyAdd(x0, y0, s00);
            s10 = O.FusedMultiplyAdd(x1, y0, s10);
            var y1 = B.Load(e, 1);
            s01 = O.FusedMultiplyAdd(x0, y1, s01);
            s11 = O.FusedMultiplyAdd(x1, y1, s11);
            var y2 = B.Load(e, 2);
            s02 = O.FusedMultiplyAdd(x0, y2, s02);
            s12 = O.FusedMultiplyAdd(x1, y2, s12);
            var y3 = B.Load(e, 3);
            s03 = O.FusedMultiplyAdd(x0, y3, s03);
            s13 = O.FusedMultiplyAdd(x1, y3, s13);
        }

        var t0 = resultColumn[0] * Guard.Lanes;
        if (accumulate)
        {
            s00 = O.Add(O.Load(r0 + t0), s00);
            s10 = O.Add(O.Load(r1 + t0), s10);
        }

        O.Store(s00, r0 + t0);
        O.Store(s10, r1 + t0);
        var t1 = resultColumn[1] * Guard.Lanes;
        if (accumulate)
        {
            s01 = O.Add(O.Load(r0 + t1), s01);
            s11 = O.Add(O.Load(r1 + t1), s11);
        }

        O.Store(s01, r0 + t1);
        O.Store(s11, r1 + t1);
        var t2 = resultColumn[2] * Guard.Lanes;
        if (accumulate)
        {
            s02 = O.Add(O.Load(r0 + t2), s02);
            s12 = O.Add(O.Load(r1 + t2), s12);
        }

        O.Store(s02, r0 + t2);
        O.Store(s12, r1 + t2);
        var t3 = resultColumn[3] * Guard.Lanes;
        if (accumulate)
        {
            s03 = O.Add(O.Load(r0 + t3), s03);
            s13 = O.Add(O.Load(r1 + t3), s13);
        }

        O.Store(s03, r0 + t3);
        O.Store(s13, r1 + t3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run2x3(float* a, nint* aRow, nint* aDepth, float* b, nint* bDepth, nint depth, float* result, nint* resultRow, nint* resultColumn, bool accumulate)
    {
        var a0 = a + (aRow[0] * Guard.Lanes);
        var a1 = a + (aRow[1] * Guard.Lanes);
        var r0 = result + (resultRow[0] * Guard.Lanes);
        var r1 = result + (resultRow[1] * Guard.Lanes);
        V s00, s01, s02;
        V s10, s11, s12;
        s00 = s01 = s02 = O.Create(0f);
        s10 = s11 = s12 = O.Create(0f);

        for (nint k = 0; k < depth; k++)
        {
            var d = aDepth[k] * Guard.Lanes;
            var e = B.At(b, bDepth, k, 3);
            var x0 = O.Load(a0 + d);
            var x1 = O.Load(a1 + d);
            var y0 = B.Load(e, 0);
            s00 = O.FusedMultiplyAdd(x0, y0, s00);
            s10 = O.FusedMultiplyAdd(x1, y0, s10);
            var y1 = B.Load(e, 1);
            s01 = O.FusedMultiplyAdd(x0, y1, s01);
            s11 = O.FusedMultiplyAdd(x1, y1, s11);
            var y2 = B.Load(e, 2);
            s02 = O.FusedMultiplyAdd(x0, y2, s02);
            s12 = O.FusedMultiplyAdd(x1, y2, s12);
        }

        var t0 = resultColumn[0] * Guard.Lanes;
        if (accumulate)
        {
            s00 = O.Add(O.Load(r0 + t0), s00);
            s10 = O.Add(O.Load(r1 + t0), s10);
        }

        O.Store(s00, r0 + t0);
        O.Store(s10, r1 + t0);
        var t1 = resultColumn[1] * Guard.Lanes;
        if (accumulate)
        {
            s01 = O.Add(O.Load(r0 + t1), s01);
            s11 = O.Add(O.Load(r1 + t1), s11);
        }

        O.Store(s01, r0 + t1);
        O.Store(s11, r1 + t1);
        var t2 = resultColumn[2] * Guard.Lanes;
        if (accumulate)
        {
            s02 = O.Add(O.Load(r0 + t2), s02);
            s12 = O.Add(O.Load(r1 + t2), s12);
        }

        O.Store(s02, r0 + t2);
        O.Store(s12, r1 + t2);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run2x2(float* a, nint* aRow, nint* aDepth, float* b, nint* bDepth, nint depth, float* result, nint* resultRow, nint* resultColumn, bool accumulate)
    {
        var a0 = a + (aRow[0] * Guard.Lanes);
        var a1 = a + (aRow[1] * Guard.Lanes);
        var r0 = result + (resultRow[0] * Guard.Lanes);
        var r1 = result + (resultRow[1] * Guard.Lanes);
        V s00, s01;
        V s10, s11;
        s00 = s01 = O.Create(0f);
        s10 = s11 = O.Create(0f);

        for (nint k = 0; k < depth; k++)
        {
            var d = aDepth[k] * Guard.Lanes;
            var e = B.At(b, bDepth, k, 2);
            var x0 = O.Load(a0 + d);
            var x1 = O.Load(a1 + d);
            var y0 = B.Load(e, 0);
            s00 = O.FusedMultiplyAdd(x0, y0, s00);
            s10 = O.FusedMultiplyAdd(x1, y0, s10);
            var y1 = B.Load(e, 1);
            s01 = O.FusedMultiplyAdd(x0, y1, s01);
            s11 = O.FusedMultiplyAdd(x1, y1, s11);
        }

        var t0 = resultColumn[0] * Guard.Lanes;
        if (accumulate)
        {
            s00 = O.Add(O.Load(r0 + t0), s00);
            s10 = O.Add(O.Load(r1 + t0), s10);
        }

        O.Store(s00, r0 + t0);
        O.Store(s10, r1 + t0);
        var t1 = resultColumn[1] * Guard.Lanes;
        if (accumulate)
        {
            s01 = O.Add(O.Load(r0 + t1), s01);
            s11 = O.Add(O.Load(r1 + t1), s11);
        }

        O.Store(s01, r0 + t1);
        O.Store(s11, r1 + t1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run2x1(float* a, nint* aRow, nint* aDepth, float* b, nint* bDepth, nint depth, float* result, nint* resultRow, nint* resultColumn, bool accumulate)
    {
        var a0 = a + (aRow[0] * Guard.Lanes);
        var a1 = a + (aRow[1] * Guard.Lanes);
        var r0 = result + (resultRow[0] * Guard.Lanes);
        var r1 = result + (resultRow[1] * Guard.Lanes);
        V s00;
        V s10;
        s00 = O.Create(0f);
        s10 = O.Create(0f);

        for (nint k = 0; k < depth; k++)
        {
            var d = aDepth[k] * Guard.Lanes;
            var e = B.At(b, bDepth, k, 1);
            var x0 = O.Load(a0 + d);
            var x1 = O.Load(a1 + d);
            var y0 = B.Load(e, 0);
            s00 = O.FusedMultiplyAdd(x0, y0, s00);
            s10 = O.FusedMultiplyAdd(x1, y0, s10);
        }

        var t0 = resultColumn[0] * Guard.Lanes;
        if (accumulate)
        {
            s00 = O.Add(O.Load(r0 + t0), s00);
            s10 = O.Add(O.Load(r1 + t0), s10);
        }

        O.Store(s00, r0 + t0);
        O.Store(s10, r1 + t0);
    }
}
