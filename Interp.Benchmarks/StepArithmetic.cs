using Interp.Kernels;

namespace Interp.Benchmarks;

/// <summary>
/// What a training step cannot do without: the multiply-adds of its products and of their two derivatives each, and the exponentials of its softmaxes. Everything
/// else, sums and moves and the optimiser, is left out, so that no machine takes less.
/// </summary>
/// <param name="MultiplyAdds">In all.</param>
/// <param name="Exponentials">Of attention and of the loss.</param>
internal sealed record StepArithmetic(double MultiplyAdds, double Exponentials)
{
    /// <summary>Above this many layers the residual stream is added up, and no table of letters is read behind the first.</summary>
    private const int Deep = 3;

    /// <summary>
    /// Of a step on B sequences with p known positions, c = p (p + 1) / 2 pairs of them, and a = n_heads d_head. A part of the residual stream x is read through a matrix W
    /// with n columns as what wrote it is: letters by the rows of W_E W, heads by z (W_O W).
    /// </summary>
    public static StepArithmetic Of(Configuration configuration)
    {
        var a = configuration.Architecture;
        var positions = a.NCtx - 1.0;
        var (pairs, batch) = (positions * (positions + 1) / 2, (double)configuration.Batch);
        var (heads, width, letters) = ((double)a.NHeads * a.DHead, (double)a.DModel, (double)a.DVocab);
        var deep = a.NLayers >= Deep;
        var products = 0.0;
        for (var layer = 0; layer < a.NLayers; layer++)
        {
            products += Read(layer, 3 * heads) + (batch * 2 * pairs * heads) + (deep ? batch * positions * heads * width : 0);
        }

        return new(3 * (products + Read(a.NLayers, letters)), batch * ((a.NLayers * a.NHeads * pairs) + (positions * letters)));

        // Of letters the fewer of rows and places; the product with W_O once a step.
        double Read(int layer, double columns) => layer > 0 && deep
            ? batch * positions * width * columns
            : (Math.Min(letters, batch * positions) * width * columns) + (layer * ((batch * positions * heads * columns) + (heads * width * columns)));
    }

    /// <summary>Milliseconds on one core.</summary>
    /// <param name="gigaflops">The core's peak, a multiply-add being two operations.</param>
    public double Milliseconds(double gigaflops) => 2 * MultiplyAdds / gigaflops / 1e6;

    /// <summary>The same with the exponentials behind it.</summary>
    /// <param name="gigaflops">The core's peak, a multiply-add being two operations.</param>
    /// <param name="gigaexponentials">Exponentials a nanosecond.</param>
    public double Milliseconds(double gigaflops, double gigaexponentials) => Milliseconds(gigaflops) + (Exponentials / gigaexponentials / 1e6);

    /// <summary>Billions of exponentials a second that the program's own polynomial makes of numbers in the first-level cache, the best of many tries.</summary>
    public static double Gigaexponentials()
    {
        const int rounds = 200;
        const int turns = 100;
        var (x, y) = (Enumerable.Range(0, 2048).Select(i => -i / 2048f).ToArray(), new float[2048]);
        var best = double.MaxValue;
        for (var round = 0; round < rounds; round++)
        {
            var start = System.Diagnostics.Stopwatch.GetTimestamp();
            for (var turn = 0; turn < turns; turn++)
            {
                Elementwise.Exp(x, y);
            }

            best = Math.Min(best, System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return (double)turns * x.Length / best / 1e9;
    }
}
