namespace Interp.Host.Results;

/// <summary>Attention after the softmax, averaged over random sequences.</summary>
internal sealed record AttentionResults
{
    /// <summary>How many sequences were averaged.</summary>
    public required int Sequences { get; init; }

    /// <summary>The seed that the sequences were made from.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The true averages [layer][head][pos][key_pos]; each row sums to 1.</summary>
    public required IReadOnlyList<IReadOnlyList<IReadOnlyList<IReadOnlyList<float>>>> Patterns { get; init; }

    /// <summary>[layer][head][offset]: the mean over pos >= offset of the attention to position pos - offset.</summary>
    public required IReadOnlyList<IReadOnlyList<IReadOnlyList<float>>> ByOffset { get; init; }
}

/// <summary>How well a model does on sequences it has not seen.</summary>
internal sealed record EvaluationResults
{
    public required int Sequences { get; init; }

    public required ulong Seed { get; init; }

    /// <summary>Mean cross-entropy, nats a letter.</summary>
    public required double Loss { get; init; }

    public required double Floor { get; init; }

    /// <summary>[pos], nats: entry t is the loss of predicting letter t + 1 from letters 0..t.</summary>
    public required IReadOnlyList<double> PerPositionLoss { get; init; }

    public required PromptKinds Prompts { get; init; }

    /// <summary>Share of generated letters that equal the letter before.</summary>
    public required double RepeatRate { get; init; }

    /// <summary>Share of generated letters that occur in the prompt.</summary>
    public required double FromPromptRate { get; init; }
}

/// <summary>Prompts of two equal blocks, apart for patterns of different letters and for patterns that repeat one.</summary>
internal sealed record PromptKinds
{
    public required PromptResults Distinct { get; init; }
    public required PromptResults Repeated { get; init; }
}

/// <summary>Greedy completions of one kind of prompt.</summary>
internal sealed record PromptResults
{
    public required int Count { get; init; }

    /// <summary>Share of prompts completed without a mistake.</summary>
    public required double Exact { get; init; }

    /// <summary>Share of generated letters that are right.</summary>
    public required double Letters { get; init; }

    /// <summary>Share of generated letters that equal the letter before.</summary>
    public required double Repeats { get; init; }

    /// <summary>Share of generated letters that occur in the prompt.</summary>
    public required double FromPrompt { get; init; }
}
