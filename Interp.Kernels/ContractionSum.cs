using System.Runtime.Intrinsics;

namespace Interp.Kernels;

public static unsafe partial class Contraction
{
    /// <summary>The summed index goes in blocks of this many at most, so that a panel of b stays in the first-level cache.</summary>
    private const int DepthBlock = 64;

    /// <summary>Rows whose sums are added over the lanes together: enough to keep the additions from waiting for the sums to be stored.</summary>
    private const int RowGroup = 32;

    /// <summary>Rows go in blocks that take half of a megabyte when copied together: half of a second-level cache.</summary>
    private const int RowBlockFloats = 128 * 1024;

    /// <summary>Rows of a are copied together where at least this many columns read them: they are streamed, so their order matters little.</summary>
    private const int PackAColumns = 48;

    /// <summary>Columns of b are copied together where at least this many rows read them: apart, they would fall on the same few lines of the first-level cache.</summary>
    private const int PackBRows = 24;

    /// <summary>Lanes a times lanes b, summed over the 16 lanes as well: a weight's gradient over 16 sequences.</summary>
    /// <remarks>Each lane's chains, one for each block of the summed index, are finished and added up before the lanes are, by halving: lane j + lane j+8, then j+4, j+2, j+1.</remarks>
    public static void SumOfLanes(ContractionLayout layout, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> result)
    {
        Guard.Length(a.Length, (long)layout.ALength * Guard.Lanes);
        Guard.Length(b.Length, (long)layout.BLength * Guard.Lanes);
        Guard.Length(result.Length, layout.OutLength);
        if (layout.OutLength == 0)
        {
            return;
        }

        fixed (float* x = a, y = b, r = result)
        {
            if (Vector512.IsHardwareAccelerated)
            {
                SumOfLanes<Lanes16, Vector512<float>>(layout, x, y, r);
            }
            else
            {
                SumOfLanes<Lanes8, Vector256<float>>(layout, x, y, r);
            }
        }
    }

    private static void SumOfLanes<O, V>(ContractionLayout layout, float* a, float* b, float* result)
        where O : struct, ILanes<V>
        where V : struct
    {
        var depthBlocks = Math.Max(1, (layout.Depth + DepthBlock - 1) / DepthBlock);
        var depthBlock = Math.Max(1, (layout.Depth + depthBlocks - 1) / depthBlocks);
        var packA = layout.Columns >= PackAColumns;
        var packB = layout.Rows >= PackBRows || !layout.BPanelsTogether;
        var rowBlock = Math.Max(RowGroup, RowBlockFloats / Math.Max(1, layout.Depth * Guard.Lanes) / RowGroup * RowGroup);
        var aFloats = packA ? ((layout.Rows + 3) & ~3) * layout.Depth * Guard.Lanes : 0;
        var bFloats = packB ? layout.Columns * layout.Depth * Guard.Lanes : 0;
        const int groupFloats = RowGroup * 6 * Guard.Lanes;
        using var scratch = new Scratch(aFloats + bFloats + groupFloats + (RowGroup * 6));
        var tileRow = stackalloc nint[RowGroup];
        var tileColumn = stackalloc nint[6] { 0, 1, 2, 3, 4, 5 };
        var packedRow = stackalloc nint[4] { 0, 1, 2, 3 };
        fixed (float* s = scratch.Span)
        fixed (nint* aRow = layout.ARow, aDepth = layout.ADepth, fours = layout.Multiples[4], bColumn = layout.BColumn)
        {
            var packedA = Scratch.Align(s);
            var packedB = packedA + aFloats;
            var sums = packedB + bFloats;
            var totals = sums + groupFloats;
            for (var g = 0; g < layout.Batches; g++)
            {
                var batchA = a + (layout.ABatch[g] * (nint)Guard.Lanes);
                var batchB = b + (layout.BBatch[g] * (nint)Guard.Lanes);
                if (packA)
                {
                    PackRows(layout, batchA, packedA);
                }

                if (packB)
                {
                    PackColumns(layout, batchB, packedB);
                }

                for (var block = 0; block < layout.Rows; block += rowBlock)
                {
                    foreach (var panel in layout.Panels)
                    {
                        var width = panel.Width;
                        var panelB = packB ? packedB + (panel.Start * layout.Depth * (nint)Guard.Lanes) : batchB + (bColumn[panel.Start] * Guard.Lanes);
                        for (var m = 0; m < RowGroup; m++)
                        {
                            tileRow[m] = m * width;
                        }

                        fixed (nint* bDepth = packB ? layout.Multiples[width] : layout.BDepth)
                        {
                            var end = Math.Min(layout.Rows, block + rowBlock);
                            for (var row = block; row < end; row += RowGroup)
                            {
                                var rows = Math.Min(RowGroup, end - row);
                                for (nint from = 0; from == 0 || from < layout.Depth; from += depthBlock)
                                {
                                    var depth = Math.Min(depthBlock, layout.Depth - from);
                                    for (var lane = 0; lane < Guard.Lanes; lane += O.Width)
                                    {
                                        if (!packA)
                                        {
                                            Tiles.Rows<O, V, LaneOperand<O, V>>(
                                                width, rows, batchA + lane, aRow + row, aDepth + from, panelB + lane, bDepth + from, depth, sums + lane, tileRow, tileColumn, from > 0);
                                            continue;
                                        }

                                        for (var m = 0; m < rows; m += 4)
                                        {
                                            var four = packedA + ((row + m) * (nint)layout.Depth * Guard.Lanes) + lane;
                                            Tiles.Rows<O, V, LaneOperand<O, V>>(
                                                width, Math.Min(4, rows - m), four, packedRow, fours + from, panelB + lane, bDepth + from, depth, sums + lane, tileRow + m, tileColumn, from > 0);
                                        }
                                    }
                                }

                                LaneSum.Of(sums, totals, rows * width);
                                Scatter(layout, totals, result + layout.OutBatch[g], row, rows, panel);
                            }
                        }
                    }
                }
            }
        }
    }

    private static void Scatter(ContractionLayout layout, float* totals, float* result, int row, int rows, Panel panel)
    {
        fixed (nint* outRow = layout.OutRow, outColumn = layout.OutColumn)
        {
            var column = outColumn + panel.Start;
            nint width = panel.Width;
            var together = width == 6 && panel.IsContiguous(layout.OutColumn);
            for (nint m = row; m < row + rows; m++)
            {
                var target = result + outRow[m];
                if (together)
                {
                    Vector128.Load(totals).Store(target + *column);
                    *(double*)(target + *column + 4) = *(double*)(totals + 4);
                }
                else
                {
                    for (nint c = 0; c < width; c++)
                    {
                        target[column[c]] = totals[c];
                    }
                }

                totals += width;
            }
        }
    }

    /// <summary>Copies the rows of a next to one another in groups of four: [group][k][4].</summary>
    private static void PackRows(ContractionLayout layout, float* a, float* packed)
    {
        fixed (nint* row = layout.ARow, depth = layout.ADepth)
        {
            nint group = layout.Depth * 4 * Guard.Lanes;
            for (nint k = 0; k < layout.Depth; k++)
            {
                var source = a + (depth[k] * Guard.Lanes);
                var target = packed + (k * 4 * Guard.Lanes);
                for (nint m = 0; m < layout.Rows; m++)
                {
                    Vector512.Load(source + (row[m] * Guard.Lanes)).Store(target + ((m >> 2) * group) + ((m & 3) * Guard.Lanes));
                }
            }
        }
    }

    /// <summary>Copies the columns of b next to one another panel by panel: [panel][k][column].</summary>
    private static void PackColumns(ContractionLayout layout, float* b, float* packed)
    {
        fixed (nint* column = layout.BColumn, depth = layout.BDepth)
        {
            for (nint k = 0; k < layout.Depth; k++)
            {
                var source = b + (depth[k] * Guard.Lanes);
                foreach (var panel in layout.Panels)
                {
                    nint width = panel.Width;
                    var target = packed + (((panel.Start * (nint)layout.Depth) + (k * width)) * Guard.Lanes);
                    for (nint c = 0; c < width; c++)
                    {
                        Vector512.Load(source + (column[panel.Start + c] * Guard.Lanes)).Store(target + (c * Guard.Lanes));
                    }
                }
            }
        }
    }
}
