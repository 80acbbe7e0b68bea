using System.Runtime.CompilerServices;

namespace Interp.Kernels;

/// <summary>Tiles of queries by columns: values mixed by a pattern's rows.</summary>
internal static unsafe class MixTile<O, V>
    where O : struct, ILanes<V>
    where V : struct
{
    /// <summary>
    /// 4 queries by 4 columns: the keys that all may see together, then, if asked, the few after them one by one. A chain may resume where another call left it;
    /// the last call scales.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Mix4x4(float* p, nint patternRow, nint keys, bool tail, nint last, float* v, nint valueRow, bool resume, float scale, float* result, nint resultRow)
    {
        var p0 = p + (Math.Min(0, last) * patternRow);
        var p1 = p + (Math.Min(1, last) * patternRow);
        var p2 = p + (Math.Min(2, last) * patternRow);
        var p3 = p + (Math.Min(3, last) * patternRow);
        V s00, s01, s02, s03;
        V s10, s11, s12, s13;
        V s20, s21, s22, s23;
        V s30, s31, s32, s33;
        if (resume)
        {
            s00 = O.Load(result + (Math.Min(0, last) * resultRow) + (0 * O.Stride));
            s01 = O.Load(result + (Math.Min(0, last) * resultRow) + (1 * O.Stride));
            s02 = O.Load(result + (Math.Min(0, last) * resultRow) + (2 * O.Stride));
            s03 = O.Load(result + (Math.Min(0, last) * resultRow) + (3 * O.Stride));
            s10 = O.Load(result + (Math.Min(1, last) * resultRow) + (0 * O.Stride));
            s11 = O.Load(result + (Math.Min(1, last) * resultRow) + (1 * O.Stride));
            s12 = O.Load(result + (Math.Min(1, last) * resultRow) + (2 * O.Stride));
            s13 = O.Load(result + (Math.Min(1, last) * resultRow) + (3 * O.Stride));
            s20 = O.Load(result + (Math.Min(2, last) * resultRow) + (0 * O.Stride));
            s21 = O.Load(result + (Math.Min(2, last) * resultRow) + (1 * O.Stride));
            s22 = O.Load(result + (Math.Min(2, last) * resultRow) + (2 * O.Stride));
            s23 = O.Load(result + (Math.Min(2, last) * resultRow) + (3 * O.Stride));
            s30 = O.Load(result + (Math.Min(3, last) * resultRow) + (0 * O.Stride));
            s31 = O.Load(result + (Math.Min(3, last) * resultRow) + (1 * O.Stride));
            s32 = O.Load(result + (Math.Min(3, last) * resultRow) + (2 * O.Stride));
            s33 = O.Load(result + (Math.Min(3, last) * resultRow) + (3 * O.Stride));
        }
        else
        {
            s00 = s01 = s02 = s03 = O.Create(0f);
            s10 = s11 = s12 = s13 = O.Create(0f);
            s20 = s21 = s22 = s23 = O.Create(0f);
            s30 = s31 = s32 = s33 = O.Create(0f);
        }

        nint j = 0;
        for (; j < keys; j++)
        {
            var at = j * O.Stride;
            var x0 = O.Load(p0 + at);
            var x1 = O.Load(p1 + at);
            var x2 = O.Load(p2 + at);
            var x3 = O.Load(p3 + at);
            var y0 = O.Load(v + (0 * O.Stride));
            s00 = O.FusedMultiplyAdd(x0, y0, s00);
            s10 = O.FusedMultiplyAdd(x1, y0, s10);
            s20 = O.FusedMultiplyAdd(x2, y0, s20);
            s30 = O.FusedMultiplyAdd(x3, y0, s30);
            var y1 = O.Load(v + (1 * O.Stride));
            s01 = O.FusedMultiplyAdd(x0, y1, s01);
            s11 = O.FusedMultiplyAdd(x1, y1, s11);
            s21 = O.FusedMultiplyAdd(x2, y1, s21);
            s31 = O.FusedMultiplyAdd(x3, y1, s31);
            var y2 = O.Load(v + (2 * O.Stride));
            s02 = O.FusedMultiplyAdd(x0, y2, s02);
            s12 = O.FusedMultiplyAdd(x1, y2, s12);
            s22 = O.FusedMultiplyAdd(x2, y2, s22);
            s32 = O.FusedMultiplyAdd(x3, y2, s32);
            var y3 = O.Load(v + (3 * O.Stride));
            s03 = O.FusedMultiplyAdd(x0, y3, s03);
            s13 = O.FusedMultiplyAdd(x1, y3, s13);
            s23 = O.FusedMultiplyAdd(x2, y3, s23);
            s33 = O.FusedMultiplyAdd(x3, y3, s33);
            v += valueRow;
        }

        if (tail && last >= 1)
        {
            var at = j * O.Stride;
            var x1 = O.Load(p1 + at);
            var x2 = O.Load(p2 + at);
            var x3 = O.Load(p3 + at);
            var y0 = O.Load(v + (0 * O.Stride));
            s10 = O.FusedMultiplyAdd(x1, y0, s10);
            s20 = O.FusedMultiplyAdd(x2, y0, s20);
            s30 = O.FusedMultiplyAdd(x3, y0, s30);
            var y1 = O.Load(v + (1 * O.Stride));
            s11 = O.FusedMultiplyAdd(x1, y1, s11);
            s21 = O.FusedMultiplyAdd(x2, y1, s21);
            s31 = O.FusedMultiplyAdd(x3, y1, s31);
            var y2 = O.Load(v + (2 * O.Stride));
            s12 = O.FusedMultiplyAdd(x1, y2, s12);
            s22 = O.FusedMultiplyAdd(x2, y2, s22);
            s32 = O.FusedMultiplyAdd(x3, y2, s32);
            var y3 = O.Load(v + (3 * O.Stride));
            s13 = O.FusedMultiplyAdd(x1, y3, s13);
            s23 = O.FusedMultiplyAdd(x2, y3, s23);
            s33 = O.FusedMultiplyAdd(x3, y3, s33);
            v += valueRow;
            j++;
        }

        if (tail && last >= 2)
        {
            var at = j * O.Stride;
            var x2 = O.Load(p2 + at);
            var x3 = O.Load(p3 + at);
            var y0 = O.Load(v + (0 * O.Stride));
            s20 = O.FusedMultiplyAdd(x2, y0, s20);
            s30 = O.FusedMultiplyAdd(x3, y0, s30);
            var y1 = O.Load(v + (1 * O.Stride));
            s21 = O.FusedMultiplyAdd(x2, y1, s21);
            s31 = O.FusedMultiplyAdd(x3, y1, s31);
            var y2 = O.Load(v + (2 * O.Stride));
            s22 = O.FusedMultiplyAdd(x2, y2, s22);
            s32 = O.FusedMultiplyAdd(x3, y2, s32);
            var y3 = O.Load(v + (3 * O.Stride));
            s23 = O.FusedMultiplyAdd(x2, y3, s23);
            s33 = O.FusedMultiplyAdd(x3, y3, s33);
            v += valueRow;
            j++;
        }

        if (tail && last >= 3)
        {
            var at = j * O.Stride;
            var x3 = O.Load(p3 + at);
            var y0 = O.Load(v + (0 * O.Stride));
            s30 = O.FusedMultiplyAdd(x3, y0, s30);
            var y1 = O.Load(v + (1 * O.Stride));
            s31 = O.FusedMultiplyAdd(x3, y1, s31);
            var y2 = O.Load(v + (2 * O.Stride));
            s32 = O.FusedMultiplyAdd(x3, y2, s32);
            var y3 = O.Load(v + (3 * O.Stride));
            s33 = O.FusedMultiplyAdd(x3, y3, s33);
        }

        var factor = O.Create(scale);
        var r0 = result + (Math.Min(0, last) * resultRow);
        O.Store(O.Multiply(s00, factor), r0 + (0 * O.Stride));
        O.Store(O.Multiply(s01, factor), r0 + (1 * O.Stride));
        O.Store(O.Multiply(s02, factor), r0 + (2 * O.Stride));
        O.Store(O.Multiply(s03, factor), r0 + (3 * O.Stride));
        var r1 = result + (Math.Min(1, last) * resultRow);
        O.Store(O.Multiply(s10, factor), r1 + (0 * O.Stride));
        O.Store(O.Multiply(s11, factor), r1 + (1 * O.Stride));
        O.Store(O.Multiply(s12, factor), r1 + (2 * O.Stride));
        O.Store(O.Multiply(s13, factor), r1 + (3 * O.Stride));
        var r2 = result + (Math.Min(2, last) * resultRow);
        O.Store(O.Multiply(s20, factor), r2 + (0 * O.Stride));
        O.Store(O.Multiply(s21, factor), r2 + (1 * O.Stride));
        O.Store(O.Multiply(s22, factor), r2 + (2 * O.Stride));
        O.Store(O.Multiply(s23, factor), r2 + (3 * O.Stride));
        var r3 = result + (Math.Min(3, last) * resultRow);
        O.Store(O.Multiply(s30, factor), r3 + (0 * O.Stride));
        O.Store(O.Multiply(s31, factor), r3 + (1 * O.Stride));
        O.Store(O.Multiply(s32, factor), r3 + (2 * O.Stride));
        O.Store(O.Multiply(s33, factor), r3 + (3 * O.Stride));
    }

    /// <summary>
    /// 4 queries by 1 columns: the keys that all may see together, then, if asked, the few after them one by one. A chain may resume where another call left it;
    /// the last call scales.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Mix4x1(float* p, nint patternRow, nint keys, bool tail, nint last, float* v, nint valueRow, bool resume, float scale, float* result, nint resultRow)
    {
        var p0 = p + (Math.Min(0, last) * patternRow);
        var p1 = p + (Math.Min(1, last) * patternRow);
        var p2 = p + (Math.Min(2, last) * patternRow);
        var p3 = p + (Math.Min(3, last) * patternRow);
        V s00;
        V s10;
        V s20;
        V s30;
        if (resume)
        {
            s00 = O.Load(result + (Math.Min(0, last) * resultRow) + (0 * O.Stride));
            s10 = O.Load(result + (Math.Min(1, last) * resultRow) + (0 * O.Stride));
            s20 = O.Load(result + (Math.Min(2, last) * resultRow) + (0 * O.Stride));
            s30 = O.Load(result + (Math.Min(3, last) * resultRow) + (0 * O.Stride));
        }
        else
        {
            s00 = O.Create(0f);
            s10 = O.Create(0f);
            s20 = O.Create(0f);
            s30 = O.Create(0f);
        }

        nint j = 0;
        for (; j < keys; j++)
        {
            var at = j * O.Stride;
            var x0 = O.Load(p0 + at);
            var x1 = O.Load(p1 + at);
            var x2 = O.Load(p2 + at);
            var x3 = O.Load(p3 + at);
            var y0 = O.Load(v + (0 * O.Stride));
            s00 = O.FusedMultiplyAdd(x0, y0, s00);
            s10 = O.FusedMultiplyAdd(x1, y0, s10);
            s20 = O.FusedMultiplyAdd(x2, y0, s20);
            s30 = O.FusedMultiplyAdd(x3, y0, s30);
            v += valueRow;
        }

        if (tail && last >= 1)
        {
            var at = j * O.Stride;
            var x1 = O.Load(p1 + at);
            var x2 = O.Load(p2 + at);
            var x3 = O.Load(p3 + at);
            var y0 = O.Load(v + (0 * O.Stride));
            s10 = O.FusedMultiplyAdd(x1, y0, s10);
            s20 = O.FusedMultiplyAdd(x2, y0, s20);
            s30 = O.FusedMultiplyAdd(x3, y0, s30);
            v += valueRow;
            j++;
        }

        if (tail && last >= 2)
        {
            var at = j * O.Stride;
            var x2 = O.Load(p2 + at);
            var x3 = O.Load(p3 + at);
            var y0 = O.Load(v + (0 * O.Stride));
            s20 = O.FusedMultiplyAdd(x2, y0, s20);
            s30 = O.FusedMultiplyAdd(x3, y0, s30);
            v += valueRow;
            j++;
        }

        if (tail && last >= 3)
        {
            var at = j * O.Stride;
            var x3 = O.Load(p3 + at);
            var y0 = O.Load(v + (0 * O.Stride));
            s30 = O.FusedMultiplyAdd(x3, y0, s30);
        }

        var factor = O.Create(scale);
        var r0 = result + (Math.Min(0, last) * resultRow);
        O.Store(O.Multiply(s00, factor), r0 + (0 * O.Stride));
        var r1 = result + (Math.Min(1, last) * resultRow);
        O.Store(O.Multiply(s10, factor), r1 + (0 * O.Stride));
        var r2 = result + (Math.Min(2, last) * resultRow);
        O.Store(O.Multiply(s20, factor), r2 + (0 * O.Stride));
        var r3 = result + (Math.Min(3, last) * resultRow);
        O.Store(O.Multiply(s30, factor), r3 + (0 * O.Stride));
    }

    /// <summary>
    /// 2 queries by 4 columns: the keys that all may see together, then, if asked, the few after them one by one. A chain may resume where another call left it;
    /// the last call scales.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Mix2x4(float* p, nint patternRow, nint keys, bool tail, nint last, float* v, nint valueRow, bool resume, float scale, float* result, nint resultRow)
    {
        var p0 = p + (Math.Min(0, last) * patternRow);
        var p1 = p + (Math.Min(1, last) * patternRow);
        V s00, s01, s02, s03;
        V s10, s11, s12, s13;
        if (resume)
        {
            s00 = O.Load(result + (Math.Min(0, last) * resultRow) + (0 * O.Stride));
            s01 = O.Load(result + (Math.Min(0, last) * resultRow) + (1 * O.Stride));
            s02 = O.Load(result + (Math.Min(0, last) * resultRow) + (2 * O.Stride));
            s03 = O.Load(result + (Math.Min(0, last) * resultRow) + (3 * O.Stride));
            s10 = O.Load(result + (Math.Min(1, last) * resultRow) + (0 * O.Stride));
            s11 = O.Load(result + (Math.Min(1, last) * resultRow) + (1 * O.Stride));
            s12 = O.Load(result + (Math.Min(1, last) * resultRow) + (2 * O.Stride));
            s13 = O.Load(result + (Math.Min(1, last) * resultRow) + (3 * O.Stride));
        }
        else
        {
            s00 = s01 = s02 = s03 = O.Create(0f);
            s10 = s11 = s12 = s13 = O.Create(0f);
        }

        nint j = 0;
        for (; j < keys; j++)
        {
            var at = j * O.Stride;
            var x0 = O.Load(p0 + at);
            var x1 = O.Load(p1 + at);
            var y0 = O.Load(v + (0 * O.Stride));
            s00 = O.FusedMultiplyAdd(x0, y0, s00);
            s10 = O.FusedMultiplyAdd(x1, y0, s10);
            var y1 = O.Load(v + (1 * O.Stride));
            s01 = O.FusedMultiplyAdd(x0, y1, s01);
            s11 = O.FusedMultiplyAdd(x1, y1, s11);
            var y2 = O.Load(v + (2 * O.Stride));
            s02 = O.FusedMultiplyAdd(x0, y2, s02);
            s12 = O.FusedMultiplyAdd(x1, y2, s12);
            var y3 = O.Load(v + (3 * O.Stride));
            s03 = O.FusedMultiplyAdd(x0, y3, s03);
            s13 = O.FusedMultiplyAdd(x1, y3, s13);
            v += valueRow;
        }

        if (tail && last >= 1)
        {
            var at = j * O.Stride;
            var x1 = O.Load(p1 + at);
            var y0 = O.Load(v + (0 * O.Stride));
            s10 = O.FusedMultiplyAdd(x1, y0, s10);
            var y1 = O.Load(v + (1 * O.Stride));
            s11 = O.FusedMultiplyAdd(x1, y1, s11);
            var y2 = O.Load(v + (2 * O.Stride));
            s12 = O.FusedMultiplyAdd(x1, y2, s12);
            var y3 = O.Load(v + (3 * O.Stride));
            s13 = O.FusedMultiplyAdd(x1, y3, s13);
        }

        var factor = O.Create(scale);
        var r0 = result + (Math.Min(0, last) * resultRow);
        O.Store(O.Multiply(s00, factor), r0 + (0 * O.Stride));
        O.Store(O.Multiply(s01, factor), r0 + (1 * O.Stride));
        O.Store(O.Multiply(s02, factor), r0 + (2 * O.Stride));
        O.Store(O.Multiply(s03, factor), r0 + (3 * O.Stride));
        var r1 = result + (Math.Min(1, last) * resultRow);
        O.Store(O.Multiply(s10, factor), r1 + (0 * O.Stride));
        O.Store(O.Multiply(s11, factor), r1 + (1 * O.Stride));
        O.Store(O.Multiply(s12, factor), r1 + (2 * O.Stride));
        O.Store(O.Multiply(s13, factor), r1 + (3 * O.Stride));
    }

    /// <summary>
    /// 2 queries by 1 columns: the keys that all may see together, then, if asked, the few after them one by one. A chain may resume where another call left it;
    /// the last call scales.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Mix2x1(float* p, nint patternRow, nint keys, bool tail, nint last, float* v, nint valueRow, bool resume, float scale, float* result, nint resultRow)
    {
        var p0 = p + (Math.Min(0, last) * patternRow);
        var p1 = p + (Math.Min(1, last) * patternRow);
        V s00;
        V s10;
        if (resume)
        {
            s00 = O.Load(result + (Math.Min(0, last) * resultRow) + (0 * O.Stride));
            s10 = O.Load(result + (Math.Min(1, last) * resultRow) + (0 * O.Stride));
        }
        else
        {
            s00 = O.Create(0f);
            s10 = O.Create(0f);
        }

        nint j = 0;
        for (; j < keys; j++)
        {
            var at = j * O.Stride;
            var x0 = O.Load(p0 + at);
            var x1 = O.Load(p1 + at);
            var y0 = O.Load(v + (0 * O.Stride));
            s00 = O.FusedMultiplyAdd(x0, y0, s00);
            s10 = O.FusedMultiplyAdd(x1, y0, s10);
            v += valueRow;
        }

        if (tail && last >= 1)
        {
            var at = j * O.Stride;
            var x1 = O.Load(p1 + at);
            var y0 = O.Load(v + (0 * O.Stride));
            s10 = O.FusedMultiplyAdd(x1, y0, s10);
        }

        var factor = O.Create(scale);
        var r0 = result + (Math.Min(0, last) * resultRow);
        O.Store(O.Multiply(s00, factor), r0 + (0 * O.Stride));
        var r1 = result + (Math.Min(1, last) * resultRow);
        O.Store(O.Multiply(s10, factor), r1 + (0 * O.Stride));
    }
}
