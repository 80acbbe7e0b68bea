namespace Interp.Kernels;

/// <summary>Tiles over all rows of one panel of columns.</summary>
internal static unsafe class Tiles
{
    /// <summary>Multiplies every row by one panel. Tiles of 4 rows; of 2 for what is left, and where registers are few.</summary>
    public static void Rows<O, V, B>(
        int width,
        int rows,
        float* a,
        nint* aRow,
        nint* aDepth,
        float* b,
        nint* bDepth,
        nint depth,
        float* result,
        nint* resultRow,
        nint* resultColumn,
        bool accumulate)
        where O : struct, ILanes<V>
        where V : struct
        where B : struct, IOperand<V>
    {
        var tall = O.Registers >= 32 || width <= 3;
        var last = stackalloc nint[4];
        var row = 0;
        while (row < rows)
        {
            var left = rows - row;
            if (left >= 4 && tall)
            {
                Run4<O, V, B>(width, a, aRow + row, aDepth, b, bDepth, depth, result, resultRow + row, resultColumn, accumulate);
                row += 4;
            }
            else if (left >= 2)
            {
                Run2<O, V, B>(width, a, aRow + row, aDepth, b, bDepth, depth, result, resultRow + row, resultColumn, accumulate);
                row += 2;
            }
            else
            {
                // The last row twice: both copies hold the same sums, so the second store is harmless.
                last[0] = last[1] = aRow[row];
                last[2] = last[3] = resultRow[row];
                Run2<O, V, B>(width, a, last, aDepth, b, bDepth, depth, result, last + 2, resultColumn, accumulate);
                row++;
            }
        }
    }

    private static void Run4<O, V, B>(
        int width,
        float* a,
        nint* aRow,
        nint* aDepth,
        float* b,
        nint* bDepth,
        nint depth,
        float* result,
        nint* resultRow,
        nint* resultColumn,
        bool accumulate)
        where O : struct, ILanes<V>
        where V : struct
        where B : struct, IOperand<V>
    {
        switch (width)
        {
            case 6:
                Tile<O, V, B>.Run4x6(a, aRow, aDepth, b, bDepth, depth, result, resultRow, resultColumn, accumulate);
                break;
            case 4:
                Tile<O, V, B>.Run4x4(a, aRow, aDepth, b, bDepth, depth, result, resultRow, resultColumn, accumulate);
                break;
            case 3:
                Tile<O, V, B>.Run4x3(a, aRow, aDepth, b, bDepth, depth, result, resultRow, resultColumn, accumulate);
                break;
            case 2:
                Tile<O, V, B>.Run4x2(a, aRow, aDepth, b, bDepth, depth, result, resultRow, resultColumn, accumulate);
                break;
            default:
                Tile<O, V, B>.Run4x1(a, aRow, aDepth, b, bDepth, depth, result, resultRow, resultColumn, accumulate);
                break;
        }
    }

    private static void Run2<O, V, B>(
        int width,
        float* a,
        nint* aRow,
        nint* aDepth,
        float* b,
        nint* bDepth,
        nint depth,
        float* result,
        nint* resultRow,
        nint* resultColumn,
        bool accumulate)
        where O : struct, ILanes<V>
        where V : struct
        where B : struct, IOperand<V>
    {
        switch (width)
        {
            case 6:
                Tile<O, V, B>.Run2x6(a, aRow, aDepth, b, bDepth, depth, result, resultRow, resultColumn, accumulate);
                break;
            case 4:
                Tile<O, V, B>.Run2x4(a, aRow, aDepth, b, bDepth, depth, result, resultRow, resultColumn, accumulate);
                break;
            case 3:
                Tile<O, V, B>.Run2x3(a, aRow, aDepth, b, bDepth, depth, result, resultRow, resultColumn, accumulate);
                break;
            case 2:
                Tile<O, V, B>.Run2x2(a, aRow, aDepth, b, bDepth, depth, result, resultRow, resultColumn, accumulate);
                break;
            default:
                Tile<O, V, B>.Run2x1(a, aRow, aDepth, b, bDepth, depth, result, resultRow, resultColumn, accumulate);
                break;
        }
    }
}
