using System.Runtime.CompilerServices;

namespace Interp.Kernels;

/// <summary>Tiles of queries by keys: inner products over the width.</summary>
internal static unsafe class DotTile<O, V>
    where O : struct, ILanes<V>
    where V : struct
{
    /// <summary>4 queries by the same 4 positions' keys: each query's up to its own.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Diagonal4(float* a, float* b, nint depth, float scale, float* result, nint resultRow)
    {
        var a1 = a + depth;
        var a2 = a1 + depth;
        var a3 = a2 + depth;
        var b1 = b + depth;
        var b2 = b1 + depth;
        var b3 = b2 + depth;
        V s00 = O.Create(0f), s10 = s00, s11 = s00, s20 = s00, s21 = s00, s22 = s00, s30 = s00, s31 = s00, s32 = s00, s33 = s00;
        for (nint d = 0; d < depth; d += O.Stride)
        {
            var x3 = O.Load(a3 + d);
            var y0 = O.Load(b + d);
            var x2 = O.Load(a2 + d);
            var y1 = O.Load(b1 + d);
            var x1 = O.Load(a1 + d);
            var y2 = O.Load(b2 + d);
            s30 = O.FusedMultiplyAdd(x3, y0, s30);
            s20 = O.FusedMultiplyAdd(x2, y0, s20);
            s31 = O.FusedMultiplyAdd(x3, y1, s31);
            s21 = O.FusedMultiplyAdd(x2, y1, s21);
            s10 = O.FusedMultiplyAdd(x1, y0, s10);
            s11 = O.FusedMultiplyAdd(x1, y1, s11);
            s32 = O.FusedMultiplyAdd(x3, y2, s32);
            s22 = O.FusedMultiplyAdd(x2, y2, s22);
            s33 = O.FusedMultiplyAdd(x3, O.Load(b3 + d), s33);
            s00 = O.FusedMultiplyAdd(O.Load(a + d), y0, s00);
        }

        var factor = O.Create(scale);
        O.Store(O.Multiply(s00, factor), result);
        result += resultRow;
        O.Store(O.Multiply(s10, factor), result);
        O.Store(O.Multiply(s11, factor), result + O.Stride);
        result += resultRow;
        O.Store(O.Multiply(s20, factor), result);
        O.Store(O.Multiply(s21, factor), result + O.Stride);
        O.Store(O.Multiply(s22, factor), result + (2 * O.Stride));
        result += resultRow;
        O.Store(O.Multiply(s30, factor), result);
        O.Store(O.Multiply(s31, factor), result + O.Stride);
        O.Store(O.Multiply(s32, factor), result + (2 * O.Stride));
        O.Store(O.Multiply(s33, factor), result + (3 * O.Stride));
    }

    /// <summary>4 queries by 4 keys; of each query r, the keys below limit - 3 + r are stored.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Dot4x4(float* a, nint lastA, float* b, nint lastB, nint depth, float scale, float* result, nint resultRow, nint limit)
    {
        var a0 = a + (Math.Min(0, lastA) * depth);
        var a1 = a + (Math.Min(1, lastA) * depth);
        var a2 = a + (Math.Min(2, lastA) * depth);
        var a3 = a + (Math.Min(3, lastA) * depth);
        var b0 = b + (Math.Min(0, lastB) * depth);
        var b1 = b + (Math.Min(1, lastB) * depth);
        var b2 = b + (Math.Min(2, lastB) * depth);
        var b3 = b + (Math.Min(3, lastB) * depth);
        V s00 = O.Create(0f), s01 = O.Create(0f), s02 = O.Create(0f), s03 = O.Create(0f);
        V s10 = O.Create(0f), s11 = O.Create(0f), s12 = O.Create(0f), s13 = O.Create(0f);
        V s20 = O.Create(0f), s21 = O.Create(0f), s22 = O.Create(0f), s23 = O.Create(0f);
        V s30 = O.Create(0f), s31 = O.Create(0f), s32 = O.Create(0f), s33 = O.Create(0f);
        for (nint d = 0; d < depth; d += O.Stride)
        {
            var x0 = O.Load(a0 + d);
            var x1 = O.Load(a1 + d);
            var x2 = O.Load(a2 + d);
            var x3 = O.Load(a3 + d);
            var y0 = O.Load(b0 + d);
            s00 = O.FusedMultiplyAdd(x0, y0, s00);
            s10 = O.FusedMultiplyAdd(x1, y0, s10);
            s20 = O.FusedMultiplyAdd(x2, y0, s20);
            s30 = O.FusedMultiplyAdd(x3, y0, s30);
            var y1 = O.Load(b1 + d);
            s01 = O.FusedMultiplyAdd(x0, y1, s01);
            s11 = O.FusedMultiplyAdd(x1, y1, s11);
            s21 = O.FusedMultiplyAdd(x2, y1, s21);
            s31 = O.FusedMultiplyAdd(x3, y1, s31);
            var y2 = O.Load(b2 + d);
            s02 = O.FusedMultiplyAdd(x0, y2, s02);
            s12 = O.FusedMultiplyAdd(x1, y2, s12);
            s22 = O.FusedMultiplyAdd(x2, y2, s22);
            s32 = O.FusedMultiplyAdd(x3, y2, s32);
            var y3 = O.Load(b3 + d);
            s03 = O.FusedMultiplyAdd(x0, y3, s03);
            s13 = O.FusedMultiplyAdd(x1, y3, s13);
            s23 = O.FusedMultiplyAdd(x2, y3, s23);
            s33 = O.FusedMultiplyAdd(x3, y3, s33);
        }

        var factor = O.Create(scale);
        if (limit >= 7 && lastA >= 3)
        {
            O.Store(O.Multiply(s00, factor), result + (0 * resultRow) + (0 * O.Stride));
            O.Store(O.Multiply(s01, factor), result + (0 * resultRow) + (1 * O.Stride));
            O.Store(O.Multiply(s02, factor), result + (0 * resultRow) + (2 * O.Stride));
            O.Store(O.Multiply(s03, factor), result + (0 * resultRow) + (3 * O.Stride));
            O.Store(O.Multiply(s10, factor), result + (1 * resultRow) + (0 * O.Stride));
            O.Store(O.Multiply(s11, factor), result + (1 * resultRow) + (1 * O.Stride));
            O.Store(O.Multiply(s12, factor), result + (1 * resultRow) + (2 * O.Stride));
            O.Store(O.Multiply(s13, factor), result + (1 * resultRow) + (3 * O.Stride));
            O.Store(O.Multiply(s20, factor), result + (2 * resultRow) + (0 * O.Stride));
            O.Store(O.Multiply(s21, factor), result + (2 * resultRow) + (1 * O.Stride));
            O.Store(O.Multiply(s22, factor), result + (2 * resultRow) + (2 * O.Stride));
            O.Store(O.Multiply(s23, factor), result + (2 * resultRow) + (3 * O.Stride));
            O.Store(O.Multiply(s30, factor), result + (3 * resultRow) + (0 * O.Stride));
            O.Store(O.Multiply(s31, factor), result + (3 * resultRow) + (1 * O.Stride));
            O.Store(O.Multiply(s32, factor), result + (3 * resultRow) + (2 * O.Stride));
            O.Store(O.Multiply(s33, factor), result + (3 * resultRow) + (3 * O.Stride));
            return;
        }

        var keys0 = limit - 3;
        if (keys0 > 0)
        {
            O.Store(O.Multiply(s00, factor), result + (0 * resultRow) + (0 * O.Stride));
        }

        if (keys0 > 1)
        {
            O.Store(O.Multiply(s01, factor), result + (0 * resultRow) + (1 * O.Stride));
        }

        if (keys0 > 2)
        {
            O.Store(O.Multiply(s02, factor), result + (0 * resultRow) + (2 * O.Stride));
        }

        if (keys0 > 3)
        {
            O.Store(O.Multiply(s03, factor), result + (0 * resultRow) + (3 * O.Stride));
        }

        if (lastA < 1)
        {
            return;
        }

        var keys1 = limit - 2;
        if (keys1 > 0)
        {
            O.Store(O.Multiply(s10, factor), result + (1 * resultRow) + (0 * O.Stride));
        }

        if (keys1 > 1)
        {
            O.Store(O.Multiply(s11, factor), result + (1 * resultRow) + (1 * O.Stride));
        }

        if (keys1 > 2)
        {
            O.Store(O.Multiply(s12, factor), result + (1 * resultRow) + (2 * O.Stride));
        }

        if (keys1 > 3)
        {
            O.Store(O.Multiply(s13, factor), result + (1 * resultRow) + (3 * O.Stride));
        }

        if (lastA < 2)
        {
            return;
        }

        var keys2 = limit - 1;
        if (keys2 > 0)
        {
            O.Store(O.Multiply(s20, factor), result + (2 * resultRow) + (0 * O.Stride));
        }

        if (keys2 > 1)
        {
            O.Store(O.Multiply(s21, factor), result + (2 * resultRow) + (1 * O.Stride));
        }

        if (keys2 > 2)
        {
            O.Store(O.Multiply(s22, factor), result + (2 * resultRow) + (2 * O.Stride));
        }

        if (keys2 > 3)
        {
            O.Store(O.Multiply(s23, factor), result + (2 * resultRow) + (3 * O.Stride));
        }

        if (lastA < 3)
        {
            return;
        }

        var keys3 = limit - 0;
        if (keys3 > 0)
        {
            O.Store(O.Multiply(s30, factor), result + (3 * resultRow) + (0 * O.Stride));
        }

        if (keys3 > 1)
        {
            O.Store(O.Multiply(s31, factor), result + (3 * resultRow) + (1 * O.Stride));
        }

        if (keys3 > 2)
        {
            O.Store(O.Multiply(s32, factor), result + (3 * resultRow) + (2 * O.Stride));
        }

        if (keys3 > 3)
        {
            O.Store(O.Multiply(s33, factor), result + (3 * resultRow) + (3 * O.Stride));
        }
    }

    /// <summary>2 queries by 4 keys; of each query r, the keys below limit - 1 + r are stored.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Dot2x4(float* a, nint lastA, float* b, nint lastB, nint depth, float scale, float* result, nint resultRow, nint limit)
    {
        var a0 = a + (Math.Min(0, lastA) * depth);
        var a1 = a + (Math.Min(1, lastA) * depth);
        var b0 = b + (Math.Min(0, lastB) * depth);
        var b1 = b + (Math.Min(1, lastB) * depth);
        var b2 = b + (Math.Min(2, lastB) * depth);
        var b3 = b + (Math.Min(3, lastB) * depth);
        V s00 = O.Create(0f), s01 = O.Create(0f), s02 = O.Create(0f), s03 = O.Create(0f);
        V s10 = O.Create(0f), s11 = O.Create(0f), s12 = O.Create(0f), s13 = O.Create(0f);
        for (nint d = 0; d < depth; d += O.Stride)
        {
            var x0 = O.Load(a0 + d);
            var x1 = O.Load(a1 + d);
            var y0 = O.Load(b0 + d);
            s00 = O.FusedMultiplyAdd(x0, y0, s00);
            s10 = O.FusedMultiplyAdd(x1, y0, s10);
            var y1 = O.Load(b1 + d);
            s01 = O.FusedMultiplyAdd(x0, y1, s01);
            s11 = O.FusedMultiplyAdd(x1, y1, s11);
            var y2 = O.Load(b2 + d);
            s02 = O.FusedMultiplyAdd(x0, y2, s02);
            s12 = O.FusedMultiplyAdd(x1, y2, s12);
            var y3 = O.Load(b3 + d);
            s03 = O.FusedMultiplyAdd(x0, y3, s03);
            s13 = O.FusedMultiplyAdd(x1, y3, s13);
        }

        var factor = O.Create(scale);
        if (limit >= 5 && lastA >= 1)
        {
            O.Store(O.Multiply(s00, factor), result + (0 * resultRow) + (0 * O.Stride));
            O.Store(O.Multiply(s01, factor), result + (0 * resultRow) + (1 * O.Stride));
            O.Store(O.Multiply(s02, factor), result + (0 * resultRow) + (2 * O.Stride));
            O.Store(O.Multiply(s03, factor), result + (0 * resultRow) + (3 * O.Stride));
            O.Store(O.Multiply(s10, factor), result + (1 * resultRow) + (0 * O.Stride));
            O.Store(O.Multiply(s11, factor), result + (1 * resultRow) + (1 * O.Stride));
            O.Store(O.Multiply(s12, factor), result + (1 * resultRow) + (2 * O.Stride));
            O.Store(O.Multiply(s13, factor), result + (1 * resultRow) + (3 * O.Stride));
            return;
        }

        var keys0 = limit - 1;
        if (keys0 > 0)
        {
            O.Store(O.Multiply(s00, factor), result + (0 * resultRow) + (0 * O.Stride));
        }

        if (keys0 > 1)
        {
            O.Store(O.Multiply(s01, factor), result + (0 * resultRow) + (1 * O.Stride));
        }

        if (keys0 > 2)
        {
            O.Store(O.Multiply(s02, factor), result + (0 * resultRow) + (2 * O.Stride));
        }

        if (keys0 > 3)
        {
            O.Store(O.Multiply(s03, factor), result + (0 * resultRow) + (3 * O.Stride));
        }

        if (lastA < 1)
        {
            return;
        }

        var keys1 = limit - 0;
        if (keys1 > 0)
        {
            O.Store(O.Multiply(s10, factor), result + (1 * resultRow) + (0 * O.Stride));
        }

        if (keys1 > 1)
        {
            O.Store(O.Multiply(s11, factor), result + (1 * resultRow) + (1 * O.Stride));
        }

        if (keys1 > 2)
        {
            O.Store(O.Multiply(s12, factor), result + (1 * resultRow) + (2 * O.Stride));
        }

        if (keys1 > 3)
        {
            O.Store(O.Multiply(s13, factor), result + (1 * resultRow) + (3 * O.Stride));
        }
    }
}
