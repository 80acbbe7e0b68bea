using System.Runtime.Intrinsics;

namespace Interp.Kernels;

/// <summary>Products of two tensors, each element a chain of fused multiply-adds with the summed index ascending.</summary>
public static unsafe partial class Contraction
{
    /// <summary>Floats that <see cref="PackShared"/> writes.</summary>
    public static int PackedLength(ContractionLayout layout) => checked(layout.Batches * layout.Columns * layout.Depth);

    /// <summary>Reorders a shared right-hand operand as the tiles read it: once for any number of products.</summary>
    public static void PackShared(ContractionLayout layout, ReadOnlySpan<float> b, Span<float> packed)
    {
        Guard.Length(b.Length, layout.BLength);
        Guard.Length(packed.Length, PackedLength(layout));
        fixed (float* source = b, target = packed)
        {
            for (var g = 0; g < layout.Batches; g++)
            {
                PackBatch(layout, source + layout.BBatch[g], target + (g * (nint)layout.Columns * layout.Depth));
            }
        }
    }

    private static void PackBatch(ContractionLayout layout, float* b, float* packed)
    {
        fixed (nint* columns = layout.BColumn, depth = layout.BDepth)
        {
            foreach (var panel in layout.Panels)
            {
                var column = columns + panel.Start;
                if (panel.Width == 6)
                {
                    var (c0, c1, c2, c3, c4, c5) = (column[0], column[1], column[2], column[3], column[4], column[5]);
                    for (nint k = 0; k < layout.Depth; k++)
                    {
                        var row = b + depth[k];
                        packed[0] = row[c0];
                        packed[1] = row[c1];
                        packed[2] = row[c2];
                        packed[3] = row[c3];
                        packed[4] = row[c4];
                        packed[5] = row[c5];
                        packed += 6;
                    }

                    continue;
                }

                for (nint k = 0; k < layout.Depth; k++)
                {
                    var row = b + depth[k];
                    for (nint c = 0; c < panel.Width; c++)
                    {
                        *packed++ = row[column[c]];
                    }
                }
            }
        }
    }

    /// <summary>
    /// Lanes a times shared b, which <see cref="PackShared"/> has packed. With accumulate, each finished sum is added to the old value of its element, as if by an addition of its own.
    /// </summary>
    public static void LanesByShared(ContractionLayout layout, ReadOnlySpan<float> a, ReadOnlySpan<float> packed, Span<float> result, bool accumulate)
    {
        Guard.Length(a.Length, (long)layout.ALength * Guard.Lanes);
        Guard.Length(packed.Length, PackedLength(layout));
        Guard.Length(result.Length, (long)layout.OutLength * Guard.Lanes);
        fixed (float* x = a, y = packed, r = result)
        {
            var kernel = new PackedKernel { Layout = layout, A = x, B = y, Result = r, Accumulate = accumulate };
            Dispatch.Run(Guard.Lanes, ref kernel);
        }
    }

    /// <summary>Shared a times lanes b; a is packed by <see cref="PackShared"/> with <see cref="ContractionLayout.Flipped"/>.</summary>
    public static void SharedByLanes(ContractionLayout layout, ReadOnlySpan<float> packed, ReadOnlySpan<float> b, Span<float> result, bool accumulate) =>
        LanesByShared(layout.Flipped, b, packed, result, accumulate);

    private struct PackedKernel : IKernel
    {
        public ContractionLayout Layout;
        public float* A;
        public float* B;
        public float* Result;
        public bool Accumulate;

        public void Run<O, V>(int lane)
            where O : struct, ILanes<V>
            where V : struct
        {
            var b = B;
            fixed (nint* aRow = Layout.ARow, aDepth = Layout.ADepth, outRow = Layout.OutRow, outColumn = Layout.OutColumn)
            {
                for (var g = 0; g < Layout.Batches; g++)
                {
                    var a = A + (Layout.ABatch[g] * (nint)Guard.Lanes) + lane;
                    var result = Result + (Layout.OutBatch[g] * (nint)Guard.Lanes) + lane;
                    foreach (var panel in Layout.Panels)
                    {
                        Tiles.Rows<O, V, SharedOperand<O, V>>(panel.Width, Layout.Rows, a, aRow, aDepth, b, null, Layout.Depth, result, outRow, outColumn + panel.Start, Accumulate);
                        b += panel.Width * Layout.Depth;
                    }
                }
            }
        }
    }
}
