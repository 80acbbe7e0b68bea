using System.Runtime.CompilerServices;

namespace Interp.Kernels;

/// <summary>
/// Rows of a times some columns of b, over the whole depth. Offsets are in elements of 16 lanes; <see cref="BDepth"/> is null where b is packed.
/// </summary>
internal unsafe struct ProductTile
{
    public float* A;
    public nint* ARow;
    public nint* ADepth;
    public float* B;
    public nint* BDepth;
    public nint Depth;
    public float* Result;
    public nint* ResultRow;
    public nint* ResultColumn;

    /// <summary>Whether each finished sum is added to its element's old value.</summary>
    public bool Accumulate;

    /// <summary>Multiplies that many rows by the columns of one panel. Tiles of 4 rows; of 2 for what is left, and where registers are few.</summary>
    public void Run<O, V, B>(int width, int rows)
        where O : struct, ILanes<V>
        where V : struct
        where B : struct, IRightSide<V, B>
    {
        var tall = O.Registers >= 32 || width <= 3;
        for (; rows >= 4 && tall; rows -= 4)
        {
            Run<V, FourRows<O, V>, B>(width);
            ARow += 4;
            ResultRow += 4;
        }

        for (; rows >= 2; rows -= 2)
        {
            Run<V, TwoRows<O, V>, B>(width);
            ARow += 2;
            ResultRow += 2;
        }

        if (rows == 1)
        {
            // The last row twice: both copies hold the same sums, so the second store is harmless.
            var twice = stackalloc nint[4] { *ARow, *ARow, *ResultRow, *ResultRow };
            ARow = twice;
            ResultRow = twice + 2;
            Run<V, TwoRows<O, V>, B>(width);
        }
    }

    private readonly void Run<V, C, B>(int width)
        where V : struct
        where C : struct, IColumn<V, C>
        where B : struct, IRightSide<V, B>
    {
        switch (width)
        {
            case 6:
                Run<V, C, TwiceAsWide<V, C, ThriceAsWide<V, C, OneColumn<V, C>>>, B>(in this);
                break;
            case 4:
                Run<V, C, TwiceAsWide<V, C, TwiceAsWide<V, C, OneColumn<V, C>>>, B>(in this);
                break;
            case 3:
                Run<V, C, ThriceAsWide<V, C, OneColumn<V, C>>, B>(in this);
                break;
            case 2:
                Run<V, C, TwiceAsWide<V, C, OneColumn<V, C>>, B>(in this);
                break;
            default:
                Run<V, C, OneColumn<V, C>, B>(in this);
                break;
        }
    }

    /// <summary>
    /// One tile. Every sum is one chain of fused multiply-adds that starts at 0. All old values are read before any is written, so a row may be given twice.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<V, C, T, B>(in ProductTile p)
        where V : struct
        where C : struct, IColumn<V, C>
        where T : struct, ITile<V, C>
        where B : struct, IRightSide<V, B>
    {
        var sums = default(T);
        Unsafe.SkipInit(out C x);
        x.Begin(p.A, p.ARow);
        var aDepth = p.ADepth;
        var b = p.B;
        var bDepth = p.BDepth;
        var depth = p.Depth;
        for (nint k = 0; k < depth; k++)
        {
            x.Load(aDepth[k] * Guard.Lanes, 0, Tile.AllRows);
            sums.MultiplyAdd(in x, B.At(b, bDepth, k, T.Width), 0, 0, Tile.AllRows);
        }

        Unsafe.SkipInit(out C target);
        target.Begin(p.Result, p.ResultRow);
        var columns = new ListedOffsets(p.ResultColumn);
        if (p.Accumulate)
        {
            sums.Add(in target, columns);
        }

        sums.Store(in target, columns, 0, 0, Tile.AllRows);
    }
}
