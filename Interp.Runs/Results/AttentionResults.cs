namespace Interp.Runs.Results;

/// <summary>Attention averaged over sequences, laid out for tables and pictures.</summary>
internal sealed record AttentionResults(Reference Reference, IReadOnlyList<Tensor> Averages)
{
    /// <summary>The true averages [layer][head][pos][key_pos]; each row sums to 1.</summary>
    public IReadOnlyList<IReadOnlyList<IReadOnlyList<IReadOnlyList<float>>>> Patterns { get; } = [.. Averages.Select(Grids.Matrices)];

    /// <summary>[layer][head][offset]: the mean over pos >= offset of the attention to position pos - offset.</summary>
    public IReadOnlyList<IReadOnlyList<IReadOnlyList<float>>> ByOffset { get; } = [.. Averages.Select(average => Grids.Matrix(Attention.byOffset(average)))];
}
