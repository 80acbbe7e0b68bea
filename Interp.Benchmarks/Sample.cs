namespace Interp.Benchmarks;

/// <summary>Times of one thing, measured many times on a noisy machine.</summary>
internal sealed class Sample
{
    private readonly List<double> _milliseconds = [];

    public void Add(IEnumerable<double> milliseconds) => _milliseconds.AddRange(milliseconds);

    public double Min => _milliseconds.Min();

    public double Median
    {
        get
        {
            var sorted = _milliseconds.Order().ToArray();
            var middle = sorted.Length / 2;
            return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        }
    }
}
