using System.Runtime.Intrinsics;

namespace Interp.Kernels;

public static unsafe partial class Contraction
{
    /// <summary>Lanes a times lanes b, lane by lane; the result has lanes.</summary>
    /// <param name="layout">Which elements meet.</param>
    /// <param name="a">16 floats an element.</param>
    /// <param name="b">16 floats an element.</param>
    /// <param name="result">16 floats an element.</param>
    /// <param name="accumulate">Whether each finished sum is added to the old value of its element, as if by an addition of its own.</param>
    /// <exception cref="ArgumentException">An operand or the result is shorter than the layout needs.</exception>
    public static void LanesByLanes(ContractionLayout layout, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> result, bool accumulate)
    {
        Guard.Length(a.Length, (long)layout.ALength * Guard.Lanes);
        Guard.Length(b.Length, (long)layout.BLength * Guard.Lanes);
        Guard.Length(result.Length, (long)layout.OutLength * Guard.Lanes);
        // Columns that are not neighbours are copied together, and so are those that many rows read.
        var pack = layout.Rows >= PackBRows || !layout.BPanelsTogether;
        using var scratch = new Scratch(pack ? layout.Columns * layout.Depth * Guard.Lanes : 0);
        fixed (float* x = a, y = b, r = result, s = scratch.Span)
        {
            var packed = Scratch.Align(s);
            for (var g = 0; g < layout.Batches; g++)
            {
                var batchB = y + (layout.BBatch[g] * (nint)Guard.Lanes);
                if (pack)
                {
                    PackColumns(layout, batchB, packed);
                }

                var kernel = new LanesKernel
                {
                    Layout = layout,
                    A = x + (layout.ABatch[g] * (nint)Guard.Lanes),
                    B = pack ? packed : batchB,
                    Packed = pack,
                    Result = r + (layout.OutBatch[g] * (nint)Guard.Lanes),
                    Accumulate = accumulate,
                };
                Dispatch.Run(Guard.Lanes, ref kernel);
            }
        }
    }

    private struct LanesKernel : IKernel
    {
        public ContractionLayout Layout;
        public float* A;
        public float* B;
        public bool Packed;
        public float* Result;
        public bool Accumulate;

        public readonly void Run<O, V>(int lane)
            where O : struct, ILanes<V>
            where V : struct
        {
            fixed (nint* aRow = Layout.ARow, aDepth = Layout.ADepth, outRow = Layout.OutRow, outColumn = Layout.OutColumn)
            {
                foreach (var panel in Layout.Panels)
                {
                    var start = Packed ? panel.Start * (nint)Layout.Depth : Layout.BColumn[panel.Start];
                    fixed (nint* bDepth = Packed ? Layout.Multiples[panel.Width] : Layout.BDepth)
                    {
                        var tile = new ProductTile
                        {
                            A = A + lane,
                            ARow = aRow,
                            ADepth = aDepth,
                            B = B + (start * Guard.Lanes) + lane,
                            BDepth = bDepth,
                            Depth = Layout.Depth,
                            Result = Result + lane,
                            ResultRow = outRow,
                            ResultColumn = outColumn + panel.Start,
                            Accumulate = Accumulate,
                        };
                        tile.Run<O, V, LanesRightSide<O, V>>(panel.Width, Layout.Rows);
                    }
                }
            }
        }
    }
}
