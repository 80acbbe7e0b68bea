using System.Runtime.Intrinsics.X86;

namespace Interp.Kernels;

/// <summary>
/// Where the elements of a product of two tensors lie: for every batch g, row m and column n,
/// out[outBatch[g] + outRow[m] + outColumn[n]] = sum over k of a[aBatch[g] + aRow[m] + aDepth[k]] * b[bBatch[g] + bColumn[n] + bDepth[k]].
/// </summary>
/// <remarks>
/// Any einsum of two operands can be written so. Offsets count elements (of one float, or of 16 where an operand has lanes), not floats. The elements of out must be distinct.
/// Batches that read the same b are merged into the rows, and those that read the same a into the columns, so that tiles fill up.
/// </remarks>
public sealed class ContractionLayout
{
    /// <summary>Copies the offsets of each operand's elements along each index.</summary>
    /// <param name="aBatch">Where each batch begins in a.</param>
    /// <param name="bBatch">Where each batch begins in b.</param>
    /// <param name="outBatch">Where each batch begins in out.</param>
    /// <param name="aRow">How far each row lies from its batch's start in a.</param>
    /// <param name="outRow">How far each row lies from its batch's start in out.</param>
    /// <param name="bColumn">How far each column lies from its batch's start in b.</param>
    /// <param name="outColumn">How far each column lies from its row's start in out.</param>
    /// <param name="aDepth">How far each value of the summed index lies from its row's start in a.</param>
    /// <param name="bDepth">How far each value of the summed index lies from its column's start in b.</param>
    /// <exception cref="ArgumentException">Arrays that run over the same index differ in length, or an offset is negative.</exception>
    /// <exception cref="OverflowException">An operand has more elements than an <see cref="int"/> counts.</exception>
    public ContractionLayout(
        int[] aBatch,
        int[] bBatch,
        int[] outBatch,
        int[] aRow,
        int[] outRow,
        int[] bColumn,
        int[] outColumn,
        int[] aDepth,
        int[] bDepth)
        : this((int[])[.. aBatch], [.. bBatch], [.. outBatch], [.. aRow], [.. outRow], [.. bColumn], [.. outColumn], [.. aDepth], [.. bDepth], original: null)
    {
    }

    private ContractionLayout(
        int[] aBatch,
        int[] bBatch,
        int[] outBatch,
        int[] aRow,
        int[] outRow,
        int[] bColumn,
        int[] outColumn,
        int[] aDepth,
        int[] bDepth,
        ContractionLayout? original)
    {
        SameLength("batch", aBatch, bBatch, outBatch);
        SameLength("row", aRow, outRow, outRow);
        SameLength("column", bColumn, outColumn, outColumn);
        SameLength("depth", aDepth, bDepth, bDepth);
        if (aBatch.Length > 1 && IsConstant(bBatch))
        {
            (aRow, outRow) = (Outer(aBatch, aRow), Outer(outBatch, outRow));
            (aBatch, bBatch, outBatch) = ([0], [bBatch[0]], [0]);
        }
        else if (aBatch.Length > 1 && IsConstant(aBatch))
        {
            (bColumn, outColumn) = (Outer(bBatch, bColumn), Outer(outBatch, outColumn));
            (aBatch, bBatch, outBatch) = ([aBatch[0]], [0], [0]);
        }

        ABatch = aBatch;
        BBatch = bBatch;
        OutBatch = outBatch;
        ARow = Scaled(aRow);
        OutRow = Scaled(outRow);
        BColumn = Scaled(bColumn);
        OutColumn = Scaled(outColumn);
        ADepth = Scaled(aDepth);
        BDepth = Scaled(bDepth);
        ALength = Extent(aBatch, aRow, aDepth);
        BLength = Extent(bBatch, bColumn, bDepth);
        OutLength = Extent(outBatch, outRow, outColumn);
        Multiples = [.. Enumerable.Range(0, 7).Select(width => Enumerable.Range(0, Depth).Select(k => (nint)(width * k)).ToArray())];
        Panels = Panel.Cover(Columns);
        BPanelsTogether = Array.TrueForAll(Panels, panel => panel.IsContiguous(BColumn));
        BColumnsTogether = IsRun(BColumn);
        OutColumnsTogether = IsRun(OutColumn);
        Flipped = original ?? new ContractionLayout(bBatch, aBatch, outBatch, bColumn, outColumn, aRow, outRow, bDepth, aDepth, this);
    }

    internal int Batches => ABatch.Length;

    internal int Rows => ARow.Length;

    internal int Columns => BColumn.Length;

    internal int Depth => ADepth.Length;

    /// <summary>The least number of elements that a must have.</summary>
    internal int ALength { get; }

    /// <summary>The least number of elements that b must have.</summary>
    internal int BLength { get; }

    /// <summary>The least number of elements that out must have.</summary>
    internal int OutLength { get; }

    /// <summary>The same product with a and b exchanged, and so rows and columns; its own is this one.</summary>
    public ContractionLayout Flipped { get; }

    internal int[] ABatch { get; }

    internal int[] BBatch { get; }

    internal int[] OutBatch { get; }

    internal nint[] ARow { get; }

    internal nint[] OutRow { get; }

    internal nint[] BColumn { get; }

    internal nint[] OutColumn { get; }

    internal nint[] ADepth { get; }

    internal nint[] BDepth { get; }

    /// <summary>For each width of a panel: 0, width, 2 width, …, where k lies among columns or rows that were copied together.</summary>
    internal nint[][] Multiples { get; }

    /// <summary>How the columns are divided among tiles.</summary>
    internal Panel[] Panels { get; }

    /// <summary>Whether the columns of b are neighbours within each panel.</summary>
    internal bool BPanelsTogether { get; }

    /// <summary>Whether the columns of b are all neighbours.</summary>
    internal bool BColumnsTogether { get; }

    /// <summary>Whether the columns of out are all neighbours.</summary>
    internal bool OutColumnsTogether { get; }

    /// <summary>Whether a panel's sums can be added over the lanes in registers and written as neighbours.</summary>
    internal bool PanelInRegisters(Panel panel) => Avx512F.IsSupported && panel.Width is 4 or 6 && (OutColumnsTogether || panel.IsContiguous(OutColumn));

    private static bool IsRun(nint[] offsets)
    {
        for (var i = 1; i < offsets.Length; i++)
        {
            if (offsets[i] != offsets[0] + i)
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsConstant(int[] offsets) => Array.TrueForAll(offsets, x => x == offsets[0]);

    private static int[] Outer(int[] slow, int[] fast) => [.. from s in slow from f in fast select s + f];

    private static nint[] Scaled(int[] offsets) => Array.ConvertAll(offsets, x => (nint)x);

    private static int Extent(int[] batch, int[] first, int[] second) =>
        batch.Length == 0 || first.Length == 0 || second.Length == 0 ? 0 : checked(batch.Max() + first.Max() + second.Max() + 1);

    private static void SameLength(string index, int[] first, int[] second, int[] third)
    {
        if (first.Length != second.Length || first.Length != third.Length)
        {
            throw new ArgumentException($"The offsets of the {index} index have lengths {first.Length}, {second.Length} and {third.Length}.", index);
        }

        if (Array.Exists(first, x => x < 0) || Array.Exists(second, x => x < 0) || Array.Exists(third, x => x < 0))
        {
            throw new ArgumentException($"An offset of the {index} index is negative.", index);
        }
    }
}
