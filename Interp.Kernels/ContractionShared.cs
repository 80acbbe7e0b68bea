namespace Interp.Kernels;

public static unsafe partial class Contraction
{
    /// <summary>Shared a times shared b.</summary>
    public static void Shared(ContractionLayout layout, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> result, bool accumulate)
    {
        Guard.Length(a.Length, layout.ALength);
        Guard.Length(b.Length, layout.BLength);
        Guard.Length(result.Length, layout.OutLength);
        fixed (float* x = a, y = b, r = result)
        {
            for (var g = 0; g < layout.Batches; g++)
            {
                for (var m = 0; m < layout.Rows; m++)
                {
                    for (var n = 0; n < layout.Columns; n++)
                    {
                        var left = x + layout.ABatch[g] + layout.ARow[m];
                        var right = y + layout.BBatch[g] + layout.BColumn[n];
                        var target = r + layout.OutBatch[g] + layout.OutRow[m] + layout.OutColumn[n];
                        var sum = accumulate ? *target : 0f;
                        for (var k = 0; k < layout.Depth; k++)
                        {
                            sum = MathF.FusedMultiplyAdd(left[layout.ADepth[k]], right[layout.BDepth[k]], sum);
                        }

                        *target = sum;
                    }
                }
            }
        }
    }
}
