using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Interp.Kernels;
using Perfolizer.Horology;

namespace Interp.Benchmarks;

/// <summary>The hot kernels at the sizes of the study and beyond, with their share of the measured peak.</summary>
[Config(typeof(Settings))]
public class KernelBenchmarks
{
    private const int Lanes = 16;

    private sealed class Settings : ManualConfig
    {
        public Settings()
        {
            var peak = Peak.Gigaflops();
            // In this process: no project of its own has to be found and built, so it runs from any folder.
            AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(5).WithIterationTime(TimeInterval.FromMilliseconds(100)).WithIterationCount(15));
            AddColumn(StatisticColumn.Min, StatisticColumn.Median);
            AddColumn(new Rate("GFLOP/s", flops => $"{flops:0}"), new Rate("of peak", flops => $"{100 * flops / peak:0} %"));
        }
    }

    /// <summary>Operations a second, from the mean time.</summary>
    private sealed class Rate(string name, Func<double, string> show) : IColumn
    {
        public string Id => name;
        public string ColumnName => name;
        public bool AlwaysShow => true;
        public ColumnCategory Category => ColumnCategory.Custom;
        public int PriorityInCategory => 0;
        public bool IsNumeric => true;
        public UnitType UnitType => UnitType.Dimensionless;
        public string Legend => "billions of floating-point operations a second, and their share of the FMA peak of one core";

        public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
        {
            var size = (Size)benchmarkCase.Parameters[nameof(Of)];
            var nanoseconds = summary[benchmarkCase]?.ResultStatistics?.Mean ?? double.NaN;
            return show(size.Operations(benchmarkCase.Descriptor.WorkloadMethod.Name) / nanoseconds);
        }

        public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);
        public bool IsAvailable(Summary summary) => true;
        public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;
    }

    /// <summary>A model's sizes.</summary>
    public sealed record Size(string Name, int Heads, int Positions, int HeadWidth, int Vocabulary)
    {
        /// <summary>Width of the residual stream.</summary>
        public int Width => Heads * HeadWidth;

        /// <summary>Floating-point operations of a kernel for sixteen sequences.</summary>
        public double Operations(string kernel) => 2.0 * Lanes * kernel switch
        {
            nameof(Product) or nameof(WeightGradient) => (double)Positions * Width * Vocabulary,
            _ => Heads * (Positions * (Positions + 1.0) / 2) * HeadWidth,
        };

        /// <summary>Its name, for the table.</summary>
        public override string ToString() => Name;
    }

    /// <summary>What is measured on.</summary>
    [ParamsSource(nameof(Sizes))]
    public Size Of { get; set; } = null!;

    /// <summary>The study's, and a wider model's.</summary>
    public static IEnumerable<Size> Sizes =>
    [
        new("study", 4, 23, 8, 26),
        new("d64", 8, 47, 8, 26),
        new("d128", 8, 95, 16, 64),
        new("d256", 8, 127, 32, 256),
    ];

    private ContractionLayout _product = null!;
    private ContractionLayout _gradient = null!;
    private AlignedBuffer _x;
    private AlignedBuffer _logits;
    private AlignedBuffer _vectors;
    private AlignedBuffer _pattern;
    private float[] _packed = [];
    private float[] _weights = [];

    /// <summary>Random operands.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var (positions, width, vocabulary) = (Of.Positions, Of.Width, Of.Vocabulary);
        int[] none = [0];
        int[] Range(int count, int stride) => [.. Enumerable.Range(0, count).Select(i => i * stride)];
        // x [pos, d_model] by W [d_model, vocab], and the gradient of W.
        _product = new(none, none, none, Range(positions, width), Range(positions, vocabulary), Range(vocabulary, 1), Range(vocabulary, 1), Range(width, 1), Range(width, vocabulary));
        _gradient = new(none, none, none, Range(width, 1), Range(width, vocabulary), Range(vocabulary, 1), Range(vocabulary, 1), Range(positions, width), Range(positions, vocabulary));
        _x = Filled(positions * width * Lanes);
        _logits = Filled(positions * vocabulary * Lanes);
        _vectors = Filled(positions * width * Lanes);
        _pattern = Filled(Of.Heads * positions * positions * Lanes);
        _weights = new float[width * vocabulary];
        Array.Fill(_weights, 0.01f);
        _packed = new float[Contraction.PackedLength(_product)];
        Contraction.PackShared(_product, _weights, _packed);
    }

    private static AlignedBuffer Filled(int length)
    {
        var buffer = AlignedBuffer.Allocate(length);
        buffer.Span.Fill(0.01f);
        return buffer;
    }

    /// <summary>Rows times a matrix.</summary>
    [Benchmark]
    public void Product() => Contraction.LanesByShared(_product, _x.Span, _packed, _logits.Span, accumulate: false);

    /// <summary>The product that a weight's gradient is.</summary>
    [Benchmark]
    public void WeightGradient() => Contraction.SumOfLanes(_gradient, _x.Span, _logits.Span, _weights);

    /// <summary>Queries times keys, below the diagonal.</summary>
    [Benchmark]
    public void AttentionScores() => Causal.Dot(_x.Span, _vectors.Span, _pattern.Span, 1f, Of.Heads, Of.Positions, Of.HeadWidth, Lanes);

    /// <summary>Patterns times values.</summary>
    [Benchmark]
    public void AttentionMix() => Causal.Mix(_pattern.Span, _vectors.Span, _x.Span, 1e-3f, Of.Heads, Of.Positions, Of.HeadWidth, Lanes);

    /// <summary>The derivative of that.</summary>
    [Benchmark]
    public void AttentionMixTransposed() => Causal.MixTransposed(_pattern.Span, _vectors.Span, _x.Span, 1e-3f, Of.Heads, Of.Positions, Of.HeadWidth, Lanes);
}
