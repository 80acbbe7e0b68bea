using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Rows = Interp.Kernels.FourRows<Interp.Kernels.Lanes16, System.Runtime.Intrinsics.Vector512<float>>;

namespace Interp.Kernels;

/// <summary>
/// Tiles of 4 rows and 4 or 6 columns whose sums are added over the 16 lanes without leaving the registers (AVX-512). A long sum goes in parts: resume adds
/// this part's chains to those of the parts before, which are in <c>sums</c>; only the last, finish, adds the lanes and writes the neighbouring columns of the result.
/// </summary>
internal static unsafe class LaneSumTile
{
    /// <summary>4 rows by that many columns, 4 or 6.</summary>
    public static void Run(
        int columns, float* a, nint* aRow, nint* aDepth, float* b, nint* bDepth, nint depth, float* sums, bool resume, bool finish, float* result, nint* resultRow)
    {
        if (columns == 6)
        {
            Run<TwiceAsWide<Vector512<float>, Rows, ThriceAsWide<Vector512<float>, Rows, OneColumn<Vector512<float>, Rows>>>>(
                a, aRow, aDepth, b, bDepth, depth, sums, resume, finish, result, resultRow);
        }
        else
        {
            Run<TwiceAsWide<Vector512<float>, Rows, TwiceAsWide<Vector512<float>, Rows, OneColumn<Vector512<float>, Rows>>>>(
                a, aRow, aDepth, b, bDepth, depth, sums, resume, finish, result, resultRow);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<T>(
        float* a, nint* aRow, nint* aDepth, float* b, nint* bDepth, nint depth, float* sums, bool resume, bool finish, float* result, nint* resultRow)
        where T : struct, ITile<Vector512<float>, Rows>
    {
        var tile = default(T);
        Unsafe.SkipInit(out Rows x);
        x.Begin(a, aRow);
        for (nint k = 0; k < depth; k++)
        {
            x.Load(aDepth[k] * Guard.Lanes, 0, Tile.AllRows);
            tile.MultiplyAdd(in x, LanesRightSide<Lanes16, Vector512<float>>.At(b, bDepth, k, T.Width), 0, 0, Tile.AllRows);
        }

        Unsafe.SkipInit(out Rows before);
        before.Begin(sums, Guard.Lanes, Tile.AllRows);
        var columns = new EvenOffsets(4 * Guard.Lanes);
        if (resume)
        {
            tile.Add(in before, columns);
        }

        if (!finish)
        {
            tile.Store(in before, columns, 0, 0, Tile.AllRows);
            return;
        }

        var first = LaneSum.Finish(LaneSum.Halve(Quad(tile[0]), Quad(tile[1])), LaneSum.Halve(Quad(tile[2]), Quad(tile[3])));
        var r0 = result + resultRow[0];
        var r1 = result + resultRow[1];
        var r2 = result + resultRow[2];
        var r3 = result + resultRow[3];
        first.GetLower().GetLower().Store(r0);
        first.GetLower().GetUpper().Store(r1);
        first.GetUpper().GetLower().Store(r2);
        first.GetUpper().GetUpper().Store(r3);
        if (T.Width == 6)
        {
            var rest = LaneSum.Halve(Quad(tile[4]), Quad(tile[5]));
            rest = LaneSum.Finish(rest, rest);
            *(double*)(r0 + 4) = rest.GetLower().GetLower().AsDouble().ToScalar();
            *(double*)(r1 + 4) = rest.GetLower().GetUpper().AsDouble().ToScalar();
            *(double*)(r2 + 4) = rest.GetUpper().GetLower().AsDouble().ToScalar();
            *(double*)(r3 + 4) = rest.GetUpper().GetUpper().AsDouble().ToScalar();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Quad(in Rows sums) => LaneSum.Quad(sums[0], sums[1], sums[2], sums[3]);
}
