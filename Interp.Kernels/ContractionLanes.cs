using System.Buffers;
using System.Runtime.Intrinsics;

namespace Interp.Kernels;

public static unsafe partial class Contraction
{
    /// <summary>Lanes a times lanes b, lane by lane.</summary>
    public static void LanesByLanes(ContractionLayout layout, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> result, bool accumulate)
    {
        Guard.Length(a.Length, (long)layout.ALength * Guard.Lanes);
        Guard.Length(b.Length, (long)layout.BLength * Guard.Lanes);
        Guard.Length(result.Length, (long)layout.OutLength * Guard.Lanes);
        using var scratch = new Scratch(6 * layout.Depth * Guard.Lanes);
        fixed (float* x = a, y = b, r = result, s = scratch.Span)
        {
            var panel = Scratch.Align(s);
            foreach (var g in Enumerable.Range(0, layout.Batches))
            {
                var batchA = x + (layout.ABatch[g] * (nint)Guard.Lanes);
                var batchB = y + (layout.BBatch[g] * (nint)Guard.Lanes);
                var batchResult = r + (layout.OutBatch[g] * (nint)Guard.Lanes);
                foreach (var p in layout.Panels)
                {
                    PackPanel(layout, p, batchB, panel);
                    var kernel = new LanesKernel { Layout = layout, Panel = p, A = batchA, B = panel, Result = batchResult, Accumulate = accumulate };
                    Dispatch.Run(Guard.Lanes, ref kernel);
                }
            }
        }
    }

    /// <summary>Lanes a times lanes b, summed over the 16 lanes as well: a weight's gradient over 16 sequences.</summary>
    /// <remarks>Each lane's chain is finished before the lanes are added, by halving: lane j + lane j+8, then j+4, j+2, j+1.</remarks>
    public static void SumOfLanes(ContractionLayout layout, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> result)
    {
        Guard.Length(a.Length, (long)layout.ALength * Guard.Lanes);
        Guard.Length(b.Length, (long)layout.BLength * Guard.Lanes);
        Guard.Length(result.Length, layout.OutLength);
        var tall = layout.Rows;
        using var scratch = new Scratch(6 * (layout.Depth + tall + 1) * Guard.Lanes);
        var rows = new nint[tall];
        nint[] columns = [0, 1, 2, 3, 4, 5];
        fixed (float* x = a, y = b, r = result, s = scratch.Span)
        fixed (nint* tileRow = rows, tileColumn = columns, aRow = layout.ARow, aDepth = layout.ADepth)
        {
            var panel = Scratch.Align(s);
            var sums = panel + (6 * layout.Depth * Guard.Lanes);
            for (var g = 0; g < layout.Batches; g++)
            {
                var batchA = x + (layout.ABatch[g] * (nint)Guard.Lanes);
                var batchB = y + (layout.BBatch[g] * (nint)Guard.Lanes);
                foreach (var p in layout.Panels)
                {
                    PackPanel(layout, p, batchB, panel);
                    for (var m = 0; m < tall; m++)
                    {
                        tileRow[m] = m * p.Width;
                    }

                    if (Vector512.IsHardwareAccelerated)
                    {
                        Tiles.Rows<Lanes16, Vector512<float>, LaneOperand<Lanes16, Vector512<float>>>(
                            p.Width, tall, batchA, aRow, aDepth, panel, layout.Depth, sums, tileRow, tileColumn, false);
                    }
                    else
                    {
                        for (var lane = 0; lane < Guard.Lanes; lane += 8)
                        {
                            Tiles.Rows<Lanes8, Vector256<float>, LaneOperand<Lanes8, Vector256<float>>>(
                                p.Width, tall, batchA + lane, aRow, aDepth, panel + lane, layout.Depth, sums + lane, tileRow, tileColumn, false);
                        }
                    }

                    for (var m = 0; m < tall; m++)
                    {
                        var target = r + layout.OutBatch[g] + layout.OutRow[m];
                        for (var c = 0; c < p.Width; c++)
                        {
                            target[layout.OutColumn[p.Start + c]] = LaneSum.Of(sums + (((m * p.Width) + c) * Guard.Lanes));
                        }
                    }
                }
            }
        }
    }

    /// <summary>Copies the columns of a panel so that its elements follow one another with the summed index.</summary>
    private static void PackPanel(ContractionLayout layout, Panel panel, float* b, float* packed)
    {
        foreach (var k in layout.BDepth)
        {
            for (var c = 0; c < panel.Width; c++)
            {
                var source = b + ((layout.BColumn[panel.Start + c] + k) * Guard.Lanes);
                Vector512.Load(source).Store(packed);
                packed += Guard.Lanes;
            }
        }
    }

    private struct LanesKernel : IKernel
    {
        public ContractionLayout Layout;
        public Panel Panel;
        public float* A;
        public float* B;
        public float* Result;
        public bool Accumulate;

        public void Run<O, V>(int lane)
            where O : struct, ILanes<V>
            where V : struct
        {
            fixed (nint* aRow = Layout.ARow, aDepth = Layout.ADepth, outRow = Layout.OutRow, outColumn = Layout.OutColumn)
            {
                Tiles.Rows<O, V, LaneOperand<O, V>>(
                    Panel.Width, Layout.Rows, A + lane, aRow, aDepth, B + lane, Layout.Depth, Result + lane, outRow, outColumn + Panel.Start, Accumulate);
            }
        }
    }
}
