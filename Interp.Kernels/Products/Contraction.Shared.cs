namespace Interp.Kernels;

public static unsafe partial class Contraction
{
    /// <summary>Shared a times shared b; the result is shared.</summary>
    /// <remarks>Sixteen columns at a time stand where the lanes stand in <see cref="LanesByShared"/>, and the same tiles do the work.</remarks>
    /// <param name="layout">Which elements meet.</param>
    /// <param name="a">One float an element.</param>
    /// <param name="b">One float an element.</param>
    /// <param name="result">One float an element.</param>
    /// <param name="accumulate">Whether each finished sum is added to the old value of its element, as if by an addition of its own.</param>
    /// <exception cref="ArgumentException">An operand or the result is shorter than the layout needs.</exception>
    public static void Shared(ContractionLayout layout, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> result, bool accumulate)
    {
        Guard.Length(a.Length, layout.ALength);
        Guard.Length(b.Length, layout.BLength);
        Guard.Length(result.Length, layout.OutLength);
        if (layout.Batches == 0 || layout.Rows == 0 || layout.Columns == 0)
        {
            return;
        }

        fixed (float* x = a, y = b, r = result)
        {
            // The operand whose free index runs through neighbours is the one to read 16 at a time.
            if (!layout.BColumnsTogether && layout.Flipped.BColumnsTogether)
            {
                Shared(layout.Flipped, y, x, r, accumulate);
            }
            else
            {
                Shared(layout, x, y, r, accumulate);
            }
        }
    }

    private static void Shared(ContractionLayout layout, float* a, float* b, float* result, bool accumulate)
    {
        var groups = (layout.Columns + Guard.Lanes - 1) / Guard.Lanes;
        var bFloats = groups * layout.Depth * Guard.Lanes;
        var outFloats = groups * layout.Rows * Guard.Lanes;
        using var scratch = new Scratch(checked(bFloats + outFloats + (layout.Rows * layout.Depth) + 8));
        fixed (float* s = scratch.Span)
        {
            var columns = Scratch.Align(s);
            var sums = columns + bFloats;
            var rows = sums + outFloats;
            for (var g = 0; g < layout.Batches; g++)
            {
                PackGroups(layout, b + layout.BBatch[g], columns);
                PackBatch(layout.Flipped, a + layout.ABatch[g], rows);
                var target = result + layout.OutBatch[g];
                if (accumulate)
                {
                    CopyGroups(layout, target, sums, groups, store: false);
                }

                var kernel = new SharedKernel { Layout = layout, Columns = columns, Rows = rows, Sums = sums, Groups = groups, Accumulate = accumulate };
                Dispatch.Run(Guard.Lanes, ref kernel);
                CopyGroups(layout, target, sums, groups, store: true);
            }
        }
    }

    /// <summary>Copies b's columns in groups of 16, [group][k][16], with zeros after the last.</summary>
    private static void PackGroups(ContractionLayout layout, float* b, float* packed)
    {
        fixed (nint* columns = layout.BColumn, depth = layout.BDepth)
        {
            for (nint start = 0; start < layout.Columns; start += Guard.Lanes)
            {
                var column = columns + start;
                var count = Math.Min(Guard.Lanes, layout.Columns - start);
                for (nint k = 0; k < layout.Depth; k++)
                {
                    var source = b + depth[k];
                    if (layout.BColumnsTogether)
                    {
                        source += *column;
                        if (count == Guard.Lanes)
                        {
                            Lanes8.Store(Lanes8.Load(source), packed);
                            Lanes8.Store(Lanes8.Load(source + 8), packed + 8);
                        }
                        else
                        {
                            CopyPart(source, packed, count);
                        }
                    }
                    else
                    {
                        for (nint c = 0; c < count; c++)
                        {
                            packed[c] = source[column[c]];
                        }
                    }

                    for (var c = count; c < Guard.Lanes; c++)
                    {
                        packed[c] = 0f;
                    }

                    packed += Guard.Lanes;
                }
            }
        }
    }

    /// <summary>Between the result and its rows in groups of 16 columns.</summary>
    private static void CopyGroups(ContractionLayout layout, float* result, float* sums, nint groups, bool store)
    {
        fixed (nint* row = layout.OutRow, column = layout.OutColumn)
        {
            nint n = layout.Columns;
            for (nint m = 0; m < layout.Rows; m++)
            {
                var outside = result + row[m];
                var inside = sums + (m * groups * Guard.Lanes);
                if (layout.OutColumnsTogether)
                {
                    outside += *column;
                    CopyPart(store ? inside : outside, store ? outside : inside, n);
                }
                else if (store)
                {
                    for (nint c = 0; c < n; c++)
                    {
                        outside[column[c]] = inside[c];
                    }
                }
                else
                {
                    for (nint c = 0; c < n; c++)
                    {
                        inside[c] = outside[column[c]];
                    }
                }
            }
        }
    }

    private static void CopyPart(float* source, float* target, nint n)
    {
        nint c = 0;
        for (; c <= n - 8; c += 8)
        {
            Lanes8.Store(Lanes8.Load(source + c), target + c);
        }

        for (; c < n; c++)
        {
            target[c] = source[c];
        }
    }

    private struct SharedKernel : IKernel
    {
        public ContractionLayout Layout;
        public float* Columns;
        public float* Rows;
        public float* Sums;
        public int Groups;
        public bool Accumulate;

        public readonly void Run<O, V>(int lane)
            where O : struct, ILanes<V>
            where V : struct
        {
            nint depth = Layout.Depth;
            var groupStart = stackalloc nint[4];
            var groupOut = stackalloc nint[4] { 0, 1, 2, 3 };
            var rowOut = stackalloc nint[6];
            for (var i = 0; i < 4; i++)
            {
                groupStart[i] = i * depth;
            }

            fixed (nint* inOrder = Layout.Multiples[1])
            {
                foreach (var panel in Layout.Flipped.Panels)
                {
                    for (var i = 0; i < panel.Width; i++)
                    {
                        rowOut[i] = (panel.Start + i) * (nint)Groups;
                    }

                    for (var group = 0; group < Groups; group += 4)
                    {
                        var tile = new ProductTile
                        {
                            A = Columns + (group * depth * Guard.Lanes) + lane,
                            ARow = groupStart,
                            ADepth = inOrder,
                            B = Rows + (panel.Start * depth),
                            Depth = depth,
                            Result = Sums + (group * Guard.Lanes) + lane,
                            ResultRow = groupOut,
                            ResultColumn = rowOut,
                            Accumulate = Accumulate,
                        };
                        tile.Run<O, V, SharedRightSide<O, V>>(panel.Width, Math.Min(4, Groups - group));
                    }
                }
            }
        }
    }
}
