using System.Runtime.CompilerServices;

namespace Interp.Kernels;

/// <summary>Tiles of keys by columns: values mixed by a pattern's columns.</summary>
internal static unsafe class MixTransposedTile<O, V>
    where O : struct, ILanes<V>
    where V : struct
{
    /// <summary>
    /// 4 keys by 4 columns: from the start, the queries that not all of the keys precede one by one, then the others together. A chain may resume where another
    /// call left it; the last call scales.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MixTransposed4x4(float* p, nint patternRow, nint queries, float* x, nint valueRow, bool resume, float scale, float* result, nint resultRow)
    {
        V s00, s01, s02, s03;
        V s10, s11, s12, s13;
        V s20, s21, s22, s23;
        V s30, s31, s32, s33;
        if (resume)
        {
            s00 = O.Load(result + (0 * resultRow) + (0 * O.Stride));
            s01 = O.Load(result + (0 * resultRow) + (1 * O.Stride));
            s02 = O.Load(result + (0 * resultRow) + (2 * O.Stride));
            s03 = O.Load(result + (0 * resultRow) + (3 * O.Stride));
            s10 = O.Load(result + (1 * resultRow) + (0 * O.Stride));
            s11 = O.Load(result + (1 * resultRow) + (1 * O.Stride));
            s12 = O.Load(result + (1 * resultRow) + (2 * O.Stride));
            s13 = O.Load(result + (1 * resultRow) + (3 * O.Stride));
            s20 = O.Load(result + (2 * resultRow) + (0 * O.Stride));
            s21 = O.Load(result + (2 * resultRow) + (1 * O.Stride));
            s22 = O.Load(result + (2 * resultRow) + (2 * O.Stride));
            s23 = O.Load(result + (2 * resultRow) + (3 * O.Stride));
            s30 = O.Load(result + (3 * resultRow) + (0 * O.Stride));
            s31 = O.Load(result + (3 * resultRow) + (1 * O.Stride));
            s32 = O.Load(result + (3 * resultRow) + (2 * O.Stride));
            s33 = O.Load(result + (3 * resultRow) + (3 * O.Stride));
        }
        else
        {
            s00 = s01 = s02 = s03 = O.Create(0f);
            s10 = s11 = s12 = s13 = O.Create(0f);
            s20 = s21 = s22 = s23 = O.Create(0f);
            s30 = s31 = s32 = s33 = O.Create(0f);
        }

        nint i = 0;
        if (!resume)
        {
            if (queries > 0)
            {
                var x0 = O.Load(p + (0 * O.Stride));
                var y0 = O.Load(x + (0 * O.Stride));
                s00 = O.FusedMultiplyAdd(x0, y0, s00);
                var y1 = O.Load(x + (1 * O.Stride));
                s01 = O.FusedMultiplyAdd(x0, y1, s01);
                var y2 = O.Load(x + (2 * O.Stride));
                s02 = O.FusedMultiplyAdd(x0, y2, s02);
                var y3 = O.Load(x + (3 * O.Stride));
                s03 = O.FusedMultiplyAdd(x0, y3, s03);
                p += patternRow;
                x += valueRow;
            }

            if (queries > 1)
            {
                var x0 = O.Load(p + (0 * O.Stride));
                var x1 = O.Load(p + (1 * O.Stride));
                var y0 = O.Load(x + (0 * O.Stride));
                s00 = O.FusedMultiplyAdd(x0, y0, s00);
                s10 = O.FusedMultiplyAdd(x1, y0, s10);
                var y1 = O.Load(x + (1 * O.Stride));
                s01 = O.FusedMultiplyAdd(x0, y1, s01);
                s11 = O.FusedMultiplyAdd(x1, y1, s11);
                var y2 = O.Load(x + (2 * O.Stride));
                s02 = O.FusedMultiplyAdd(x0, y2, s02);
                s12 = O.FusedMultiplyAdd(x1, y2, s12);
                var y3 = O.Load(x + (3 * O.Stride));
                s03 = O.FusedMultiplyAdd(x0, y3, s03);
                s13 = O.FusedMultiplyAdd(x1, y3, s13);
                p += patternRow;
                x += valueRow;
            }

            if (queries > 2)
            {
                var x0 = O.Load(p + (0 * O.Stride));
                var x1 = O.Load(p + (1 * O.Stride));
                var x2 = O.Load(p + (2 * O.Stride));
                var y0 = O.Load(x + (0 * O.Stride));
                s00 = O.FusedMultiplyAdd(x0, y0, s00);
                s10 = O.FusedMultiplyAdd(x1, y0, s10);
                s20 = O.FusedMultiplyAdd(x2, y0, s20);
                var y1 = O.Load(x + (1 * O.Stride));
                s01 = O.FusedMultiplyAdd(x0, y1, s01);
                s11 = O.FusedMultiplyAdd(x1, y1, s11);
                s21 = O.FusedMultiplyAdd(x2, y1, s21);
                var y2 = O.Load(x + (2 * O.Stride));
                s02 = O.FusedMultiplyAdd(x0, y2, s02);
                s12 = O.FusedMultiplyAdd(x1, y2, s12);
                s22 = O.FusedMultiplyAdd(x2, y2, s22);
                var y3 = O.Load(x + (3 * O.Stride));
                s03 = O.FusedMultiplyAdd(x0, y3, s03);
                s13 = O.FusedMultiplyAdd(x1, y3, s13);
                s23 = O.FusedMultiplyAdd(x2, y3, s23);
                p += patternRow;
                x += valueRow;
            }

            i = 3;
        }

        for (; i < queries; i++)
        {
            var x0 = O.Load(p + (0 * O.Stride));
            var x1 = O.Load(p + (1 * O.Stride));
            var x2 = O.Load(p + (2 * O.Stride));
            var x3 = O.Load(p + (3 * O.Stride));
            var y0 = O.Load(x + (0 * O.Stride));
            s00 = O.FusedMultiplyAdd(x0, y0, s00);
            s10 = O.FusedMultiplyAdd(x1, y0, s10);
            s20 = O.FusedMultiplyAdd(x2, y0, s20);
            s30 = O.FusedMultiplyAdd(x3, y0, s30);
            var y1 = O.Load(x + (1 * O.Stride));
            s01 = O.FusedMultiplyAdd(x0, y1, s01);
            s11 = O.FusedMultiplyAdd(x1, y1, s11);
            s21 = O.FusedMultiplyAdd(x2, y1, s21);
            s31 = O.FusedMultiplyAdd(x3, y1, s31);
            var y2 = O.Load(x + (2 * O.Stride));
            s02 = O.FusedMultiplyAdd(x0, y2, s02);
            s12 = O.FusedMultiplyAdd(x1, y2, s12);
            s22 = O.FusedMultiplyAdd(x2, y2, s22);
            s32 = O.FusedMultiplyAdd(x3, y2, s32);
            var y3 = O.Load(x + (3 * O.Stride));
            s03 = O.FusedMultiplyAdd(x0, y3, s03);
            s13 = O.FusedMultiplyAdd(x1, y3, s13);
            s23 = O.FusedMultiplyAdd(x2, y3, s23);
            s33 = O.FusedMultiplyAdd(x3, y3, s33);
            p += patternRow;
            x += valueRow;
        }

        var factor = O.Create(scale);
        O.Store(O.Multiply(s00, factor), result + (0 * resultRow) + (0 * O.Stride));
        O.Store(O.Multiply(s01, factor), result + (0 * resultRow) + (1 * O.Stride));
        O.Store(O.Multiply(s02, factor), result + (0 * resultRow) + (2 * O.Stride));
        O.Store(O.Multiply(s03, factor), result + (0 * resultRow) + (3 * O.Stride));
        if (queries > 1 || resume)
        {
            O.Store(O.Multiply(s10, factor), result + (1 * resultRow) + (0 * O.Stride));
            O.Store(O.Multiply(s11, factor), result + (1 * resultRow) + (1 * O.Stride));
            O.Store(O.Multiply(s12, factor), result + (1 * resultRow) + (2 * O.Stride));
            O.Store(O.Multiply(s13, factor), result + (1 * resultRow) + (3 * O.Stride));
        }

        if (queries > 2 || resume)
        {
            O.Store(O.Multiply(s20, factor), result + (2 * resultRow) + (0 * O.Stride));
            O.Store(O.Multiply(s21, factor), result + (2 * resultRow) + (1 * O.Stride));
            O.Store(O.Multiply(s22, factor), result + (2 * resultRow) + (2 * O.Stride));
            O.Store(O.Multiply(s23, factor), result + (2 * resultRow) + (3 * O.Stride));
        }

        if (queries > 3 || resume)
        {
            O.Store(O.Multiply(s30, factor), result + (3 * resultRow) + (0 * O.Stride));
            O.Store(O.Multiply(s31, factor), result + (3 * resultRow) + (1 * O.Stride));
            O.Store(O.Multiply(s32, factor), result + (3 * resultRow) + (2 * O.Stride));
            O.Store(O.Multiply(s33, factor), result + (3 * resultRow) + (3 * O.Stride));
        }
    }

    /// <summary>
    /// 4 keys by 1 columns: from the start, the queries that not all of the keys precede one by one, then the others together. A chain may resume where another
    /// call left it; the last call scales.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MixTransposed4x1(float* p, nint patternRow, nint queries, float* x, nint valueRow, bool resume, float scale, float* result, nint resultRow)
    {
        V s00;
        V s10;
        V s20;
        V s30;
        if (resume)
        {
            s00 = O.Load(result + (0 * resultRow) + (0 * O.Stride));
            s10 = O.Load(result + (1 * resultRow) + (0 * O.Stride));
            s20 = O.Load(result + (2 * resultRow) + (0 * O.Stride));
            s30 = O.Load(result + (3 * resultRow) + (0 * O.Stride));
        }
        else
        {
            s00 = O.Create(0f);
            s10 = O.Create(0f);
            s20 = O.Create(0f);
            s30 = O.Create(0f);
        }

        nint i = 0;
        if (!resume)
        {
            if (queries > 0)
            {
                var x0 = O.Load(p + (0 * O.Stride));
                var y0 = O.Load(x + (0 * O.Stride));
                s00 = O.FusedMultiplyAdd(x0, y0, s00);
                p += patternRow;
                x += valueRow;
            }

            if (queries > 1)
            {
                var x0 = O.Load(p + (0 * O.Stride));
                var x1 = O.Load(p + (1 * O.Stride));
                var y0 = O.Load(x + (0 * O.Stride));
                s00 = O.FusedMultiplyAdd(x0, y0, s00);
                s10 = O.FusedMultiplyAdd(x1, y0, s10);
                p += patternRow;
                x += valueRow;
            }

            if (queries > 2)
            {
                var x0 = O.Load(p + (0 * O.Stride));
                var x1 = O.Load(p + (1 * O.Stride));
                var x2 = O.Load(p + (2 * O.Stride));
                var y0 = O.Load(x + (0 * O.Stride));
                s00 = O.FusedMultiplyAdd(x0, y0, s00);
                s10 = O.FusedMultiplyAdd(x1, y0, s10);
                s20 = O.FusedMultiplyAdd(x2, y0, s20);
                p += patternRow;
                x += valueRow;
            }

            i = 3;
        }

        for (; i < queries; i++)
        {
            var x0 = O.Load(p + (0 * O.Stride));
            var x1 = O.Load(p + (1 * O.Stride));
            var x2 = O.Load(p + (2 * O.Stride));
            var x3 = O.Load(p + (3 * O.Stride));
            var y0 = O.Load(x + (0 * O.Stride));
            s00 = O.FusedMultiplyAdd(x0, y0, s00);
            s10 = O.FusedMultiplyAdd(x1, y0, s10);
            s20 = O.FusedMultiplyAdd(x2, y0, s20);
            s30 = O.FusedMultiplyAdd(x3, y0, s30);
            p += patternRow;
            x += valueRow;
        }

        var factor = O.Create(scale);
        O.Store(O.Multiply(s00, factor), result + (0 * resultRow) + (0 * O.Stride));
        if (queries > 1 || resume)
        {
            O.Store(O.Multiply(s10, factor), result + (1 * resultRow) + (0 * O.Stride));
        }

        if (queries > 2 || resume)
        {
            O.Store(O.Multiply(s20, factor), result + (2 * resultRow) + (0 * O.Stride));
        }

        if (queries > 3 || resume)
        {
            O.Store(O.Multiply(s30, factor), result + (3 * resultRow) + (0 * O.Stride));
        }
    }

    /// <summary>
    /// 2 keys by 4 columns: from the start, the queries that not all of the keys precede one by one, then the others together. A chain may resume where another
    /// call left it; the last call scales.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MixTransposed2x4(float* p, nint patternRow, nint queries, float* x, nint valueRow, bool resume, float scale, float* result, nint resultRow)
    {
        V s00, s01, s02, s03;
        V s10, s11, s12, s13;
        if (resume)
        {
            s00 = O.Load(result + (0 * resultRow) + (0 * O.Stride));
            s01 = O.Load(result + (0 * resultRow) + (1 * O.Stride));
            s02 = O.Load(result + (0 * resultRow) + (2 * O.Stride));
            s03 = O.Load(result + (0 * resultRow) + (3 * O.Stride));
            s10 = O.Load(result + (1 * resultRow) + (0 * O.Stride));
            s11 = O.Load(result + (1 * resultRow) + (1 * O.Stride));
            s12 = O.Load(result + (1 * resultRow) + (2 * O.Stride));
            s13 = O.Load(result + (1 * resultRow) + (3 * O.Stride));
        }
        else
        {
            s00 = s01 = s02 = s03 = O.Create(0f);
            s10 = s11 = s12 = s13 = O.Create(0f);
        }

        nint i = 0;
        if (!resume)
        {
            if (queries > 0)
            {
                var x0 = O.Load(p + (0 * O.Stride));
                var y0 = O.Load(x + (0 * O.Stride));
                s00 = O.FusedMultiplyAdd(x0, y0, s00);
                var y1 = O.Load(x + (1 * O.Stride));
                s01 = O.FusedMultiplyAdd(x0, y1, s01);
                var y2 = O.Load(x + (2 * O.Stride));
                s02 = O.FusedMultiplyAdd(x0, y2, s02);
                var y3 = O.Load(x + (3 * O.Stride));
                s03 = O.FusedMultiplyAdd(x0, y3, s03);
                p += patternRow;
                x += valueRow;
            }

            i = 1;
        }

        for (; i < queries; i++)
        {
            var x0 = O.Load(p + (0 * O.Stride));
            var x1 = O.Load(p + (1 * O.Stride));
            var y0 = O.Load(x + (0 * O.Stride));
            s00 = O.FusedMultiplyAdd(x0, y0, s00);
            s10 = O.FusedMultiplyAdd(x1, y0, s10);
            var y1 = O.Load(x + (1 * O.Stride));
            s01 = O.FusedMultiplyAdd(x0, y1, s01);
            s11 = O.FusedMultiplyAdd(x1, y1, s11);
            var y2 = O.Load(x + (2 * O.Stride));
            s02 = O.FusedMultiplyAdd(x0, y2, s02);
            s12 = O.FusedMultiplyAdd(x1, y2, s12);
            var y3 = O.Load(x + (3 * O.Stride));
            s03 = O.FusedMultiplyAdd(x0, y3, s03);
            s13 = O.FusedMultiplyAdd(x1, y3, s13);
            p += patternRow;
            x += valueRow;
        }

        var factor = O.Create(scale);
        O.Store(O.Multiply(s00, factor), result + (0 * resultRow) + (0 * O.Stride));
        O.Store(O.Multiply(s01, factor), result + (0 * resultRow) + (1 * O.Stride));
        O.Store(O.Multiply(s02, factor), result + (0 * resultRow) + (2 * O.Stride));
        O.Store(O.Multiply(s03, factor), result + (0 * resultRow) + (3 * O.Stride));
        if (queries > 1 || resume)
        {
            O.Store(O.Multiply(s10, factor), result + (1 * resultRow) + (0 * O.Stride));
            O.Store(O.Multiply(s11, factor), result + (1 * resultRow) + (1 * O.Stride));
            O.Store(O.Multiply(s12, factor), result + (1 * resultRow) + (2 * O.Stride));
            O.Store(O.Multiply(s13, factor), result + (1 * resultRow) + (3 * O.Stride));
        }
    }

    /// <summary>
    /// 2 keys by 1 columns: from the start, the queries that not all of the keys precede one by one, then the others together. A chain may resume where another
    /// call left it; the last call scales.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MixTransposed2x1(float* p, nint patternRow, nint queries, float* x, nint valueRow, bool resume, float scale, float* result, nint resultRow)
    {
        V s00;
        V s10;
        if (resume)
        {
            s00 = O.Load(result + (0 * resultRow) + (0 * O.Stride));
            s10 = O.Load(result + (1 * resultRow) + (0 * O.Stride));
        }
        else
        {
            s00 = O.Create(0f);
            s10 = O.Create(0f);
        }

        nint i = 0;
        if (!resume)
        {
            if (queries > 0)
            {
                var x0 = O.Load(p + (0 * O.Stride));
                var y0 = O.Load(x + (0 * O.Stride));
                s00 = O.FusedMultiplyAdd(x0, y0, s00);
                p += patternRow;
                x += valueRow;
            }

            i = 1;
        }

        for (; i < queries; i++)
        {
            var x0 = O.Load(p + (0 * O.Stride));
            var x1 = O.Load(p + (1 * O.Stride));
            var y0 = O.Load(x + (0 * O.Stride));
            s00 = O.FusedMultiplyAdd(x0, y0, s00);
            s10 = O.FusedMultiplyAdd(x1, y0, s10);
            p += patternRow;
            x += valueRow;
        }

        var factor = O.Create(scale);
        O.Store(O.Multiply(s00, factor), result + (0 * resultRow) + (0 * O.Stride));
        if (queries > 1 || resume)
        {
            O.Store(O.Multiply(s10, factor), result + (1 * resultRow) + (0 * O.Stride));
        }
    }
}
