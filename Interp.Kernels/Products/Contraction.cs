using System.Runtime.Intrinsics;

namespace Interp.Kernels;

/// <summary>Products of two tensors over any indices, where a <see cref="ContractionLayout"/> says which elements meet.</summary>
/// <remarks>
/// "Lanes" in a name is an operand of 16 floats an element, one for each of 16 sequences; "shared" is one of a single float an element, such as a weight. Every
/// element of a result is one chain of fused multiply-adds that begins at 0, the summed index ascending: the same bits on every machine and in every arrangement.
/// </remarks>
public static unsafe partial class Contraction
{
    /// <summary>How many floats <see cref="PackShared"/> writes.</summary>
    /// <exception cref="OverflowException">More than an <see cref="int"/> counts.</exception>
    public static int PackedLength(ContractionLayout layout) => checked(layout.Batches * layout.Columns * layout.Depth);

    /// <summary>
    /// Copies a shared b into the order in which <see cref="LanesByShared"/> reads it: once for any number of products. For a shared a times lanes b, pack a with the
    /// layout's <see cref="ContractionLayout.Flipped"/> and multiply with that.
    /// </summary>
    /// <exception cref="ArgumentException">b or the copy is shorter than the layout needs.</exception>
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

    /// <summary>Lanes a times shared b, which <see cref="PackShared"/> has packed; the result has lanes.</summary>
    /// <param name="layout">Which elements meet.</param>
    /// <param name="a">16 floats an element.</param>
    /// <param name="packed">What <see cref="PackShared"/> wrote.</param>
    /// <param name="result">16 floats an element.</param>
    /// <param name="accumulate">Whether each finished sum is added to the old value of its element, as if by an addition of its own.</param>
    /// <exception cref="ArgumentException">An operand or the result is shorter than the layout needs.</exception>
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
                        var tile = new ProductTile
                        {
                            A = a,
                            ARow = aRow,
                            ADepth = aDepth,
                            B = b,
                            Depth = Layout.Depth,
                            Result = result,
                            ResultRow = outRow,
                            ResultColumn = outColumn + panel.Start,
                            Accumulate = Accumulate,
                        };
                        tile.Run<O, V, SharedRightSide<O, V>>(panel.Width, Layout.Rows);
                        b += panel.Width * Layout.Depth;
                    }
                }
            }
        }
    }
}
