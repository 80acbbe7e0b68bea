using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Interp.Kernels;

public static unsafe partial class Contraction
{
    /// <summary>The summed index goes in blocks of this many at most, so that a panel of b and a tile of a stay in the first-level cache.</summary>
    private const int DepthBlock = 48;

    private const int TileRows = 4;

    /// <summary>Rows whose sums are added over the lanes together where they go through memory: enough to keep the additions from waiting for the stores.</summary>
    private const int RowGroup = 32;

    /// <summary>Rows go in blocks that take half of a megabyte when copied together: half of a second-level cache.</summary>
    private const int RowBlockFloats = 128 * 1024;

    /// <summary>What fits into the first-level cache beside a tile of rows: 40 KB.</summary>
    private const int SmallFloats = 10 * 1024;

    /// <summary>Rows of a are copied together where at least this many columns read them.</summary>
    private const int PackAColumns = 32;

    /// <summary>Columns of b are copied together where at least this many rows read them: apart, they would fall on the same few lines of the first-level cache.</summary>
    private const int PackBRows = 24;

    /// <summary>Lanes a times lanes b, summed over the 16 lanes as well: a weight's gradient over 16 sequences; the result is shared.</summary>
    /// <remarks>
    /// The summed index goes in the fewest equal blocks of 48 at most. Each lane's chains, one for each block, are finished and added up before the lanes are, by
    /// halving: lane j + lane j+8, then j+4, j+2, j+1.
    /// </remarks>
    /// <param name="layout">Which elements meet.</param>
    /// <param name="a">16 floats an element.</param>
    /// <param name="b">16 floats an element.</param>
    /// <param name="result">One float an element.</param>
    /// <exception cref="ArgumentException">An operand or the result is shorter than the layout needs.</exception>
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
            else if (Fused.InHardware)
            {
                SumOfLanes<Lanes8, Vector256<float>>(layout, x, y, r);
            }
            else
            {
                SumOfLanes<Lanes4, Vector128<float>>(layout, x, y, r);
            }
        }
    }

    private static void SumOfLanes<O, V>(ContractionLayout layout, float* a, float* b, float* result)
        where O : struct, ILanes<V>
        where V : struct
    {
        var depthBlocks = Math.Max(1, (layout.Depth + DepthBlock - 1) / DepthBlock);
        var depthBlock = Math.Max(1, (layout.Depth + depthBlocks - 1) / depthBlocks);
        var bFloats = layout.Columns * layout.Depth * Guard.Lanes;
        // Where all of b stays in the first-level cache, each tile of rows meets it in turn; otherwise a panel stays and the rows come by.
        var small = bFloats <= SmallFloats;
        var packA = layout.Columns >= PackAColumns;
        var packB = !layout.BPanelsTogether || (layout.Rows >= PackBRows && !small);
        var rowBlock = small && Avx512F.IsSupported ? TileRows : Math.Max(RowGroup, RowBlockFloats / Math.Max(1, layout.Depth * Guard.Lanes) / RowGroup * RowGroup);
        var aFloats = packA ? (Math.Min(layout.Rows, rowBlock) + 3) / TileRows * TileRows * layout.Depth * Guard.Lanes : 0;
        bFloats = packB ? bFloats : 0;
        const int groupFloats = RowGroup * 6 * Guard.Lanes;
        using var scratch = new Scratch(aFloats + bFloats + groupFloats + (RowGroup * 6));
        var packedRow = stackalloc nint[TileRows] { 0, 1, 2, 3 };
        fixed (float* s = scratch.Span)
        fixed (nint* aRow = layout.ARow, aDepth = layout.ADepth, fours = layout.Multiples[TileRows], bColumn = layout.BColumn)
        {
            var packedA = Scratch.Align(s);
            var packedB = packedA + aFloats;
            var sums = packedB + bFloats;
            var depths = packA ? fours : aDepth;
            for (var g = 0; g < layout.Batches; g++)
            {
                var batchA = a + (layout.ABatch[g] * (nint)Guard.Lanes);
                var batchB = b + (layout.BBatch[g] * (nint)Guard.Lanes);
                var target = result + layout.OutBatch[g];
                if (packB)
                {
                    PackColumns(layout, batchB, packedB);
                }

                for (var block = 0; block < layout.Rows; block += rowBlock)
                {
                    var end = Math.Min(layout.Rows, block + rowBlock);
                    if (packA)
                    {
                        PackRows(layout, batchA, block, end, packedA);
                    }

                    foreach (var panel in layout.Panels)
                    {
                        var panelB = packB ? packedB + (panel.Start * layout.Depth * (nint)Guard.Lanes) : batchB + (bColumn[panel.Start] * Guard.Lanes);
                        fixed (nint* bDepth = packB ? layout.Multiples[panel.Width] : layout.BDepth)
                        {
                            for (var row = block; row < end; row += RowGroup)
                            {
                                var rows = Math.Min(RowGroup, end - row);
                                var done = layout.PanelInRegisters(panel) ? rows / TileRows * TileRows : 0;
                                for (nint from = 0; from == 0 || from < layout.Depth; from += depthBlock)
                                {
                                    var depth = Math.Min(depthBlock, layout.Depth - from);
                                    for (var m = 0; m < rows; m += TileRows)
                                    {
                                        var tileA = packA ? packedA + ((row - block + m) * (nint)layout.Depth * Guard.Lanes) : batchA;
                                        var tileRow = packA ? packedRow : aRow + row + m;
                                        var tileSums = sums + (m * panel.Width * Guard.Lanes);
                                        if (m < done)
                                        {
                                            SumInRegisters(
                                                layout, panel, row + m, tileA, tileRow, depths + from, panelB, bDepth + from, depth, tileSums, from > 0, from + depth == layout.Depth, target);
                                        }
                                        else
                                        {
                                            SumInMemory<O, V>(
                                                panel.Width, Math.Min(TileRows, rows - m), tileA, tileRow, depths + from, panelB, bDepth + from, depth, tileSums, from > 0);
                                        }
                                    }
                                }

                                AddLanes(layout, sums + (done * panel.Width * Guard.Lanes), target, row + done, rows - done, panel);
                            }
                        }
                    }
                }
            }
        }
    }

    private static void SumInRegisters(
        ContractionLayout layout,
        Panel panel,
        int row,
        float* a,
        nint* aRow,
        nint* aDepth,
        float* b,
        nint* bDepth,
        nint depth,
        float* sums,
        bool resume,
        bool finish,
        float* result)
    {
        fixed (nint* outRow = &layout.OutRow[row])
        {
            LaneSumTile.Run(panel.Width, a, aRow, aDepth, b, bDepth, depth, sums, resume, finish, result + layout.OutColumn[panel.Start], outRow);
        }
    }

    private static void SumInMemory<O, V>(int width, int rows, float* a, nint* aRow, nint* aDepth, float* b, nint* bDepth, nint depth, float* sums, bool resume)
        where O : struct, ILanes<V>
        where V : struct
    {
        var sumRow = stackalloc nint[TileRows] { 0, width, 2 * width, 3 * width };
        var sumColumn = stackalloc nint[6] { 0, 1, 2, 3, 4, 5 };
        for (var lane = 0; lane < Guard.Lanes; lane += O.Width)
        {
            var tile = new ProductTile
            {
                A = a + lane,
                ARow = aRow,
                ADepth = aDepth,
                B = b + lane,
                BDepth = bDepth,
                Depth = depth,
                Result = sums + lane,
                ResultRow = sumRow,
                ResultColumn = sumColumn,
                Accumulate = resume,
            };
            tile.Run<O, V, LanesRightSide<O, V>>(width, rows);
        }
    }

    private static void AddLanes(ContractionLayout layout, float* sums, float* result, int row, int rows, Panel panel)
    {
        if (rows > 0)
        {
            var totals = stackalloc float[RowGroup * 6];
            LaneSum.Of(sums, totals, rows * panel.Width);
            Scatter(layout, totals, result, row, rows, panel);
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

    /// <summary>Copies rows of a next to one another in groups of four: [group][k][4].</summary>
    private static void PackRows(ContractionLayout layout, float* a, int from, int end, float* packed)
    {
        fixed (nint* row = layout.ARow, depth = layout.ADepth)
        {
            nint group = layout.Depth * TileRows * Guard.Lanes;
            for (nint k = 0; k < layout.Depth; k++)
            {
                var source = a + (depth[k] * Guard.Lanes);
                var target = packed + (k * TileRows * Guard.Lanes);
                nint m = from;
                for (; m <= end - TileRows; m += TileRows)
                {
                    var x0 = Vector512.Load(source + (row[m] * Guard.Lanes));
                    var x1 = Vector512.Load(source + (row[m + 1] * Guard.Lanes));
                    var x2 = Vector512.Load(source + (row[m + 2] * Guard.Lanes));
                    var x3 = Vector512.Load(source + (row[m + 3] * Guard.Lanes));
                    x0.Store(target);
                    x1.Store(target + 16);
                    x2.Store(target + 32);
                    x3.Store(target + 48);
                    target += group;
                }

                for (; m < end; m++)
                {
                    Vector512.Load(source + (row[m] * Guard.Lanes)).Store(target);
                    target += Guard.Lanes;
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
