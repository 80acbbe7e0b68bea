using System.Text.Json.Serialization;

namespace Interp.Host.Results;

/// <summary>A head by layer and number, both counted from 0.</summary>
internal sealed record HeadPlace(int Layer, int Head)
{
    public static HeadPlace Of(HeadAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return new(address.Layer, address.Head);
    }

    public override string ToString() => $"{Layer}.{Head}";
}

/// <summary>The loss without a head.</summary>
internal sealed record HeadLoss
{
    public required int Layer { get; init; }

    public required int Head { get; init; }

    /// <summary>Mean loss, nats a letter.</summary>
    public required double Loss { get; init; }

    /// <summary>Its estimate to first order, gradient times activation; only where nothing takes the head's place.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? FirstOrder { get; init; }
}

/// <summary>The loss without two heads.</summary>
internal sealed record PairLoss(IReadOnlyList<HeadPlace> Heads, double Loss);

/// <summary>Losses without heads, over held-out sequences.</summary>
internal sealed record AblationResults
{
    /// <summary><c>zero</c>, <c>mean</c> or <c>resample</c>.</summary>
    public required string Mode { get; init; }

    public required int Sequences { get; init; }

    public required ulong Seed { get; init; }

    /// <summary>The loss of the whole model on the same sequences.</summary>
    public required double Baseline { get; init; }

    public required IReadOnlyList<HeadLoss> Heads { get; init; }

    /// <summary>Null where they were not asked for.</summary>
    public IReadOnlyList<PairLoss>? Pairs { get; init; }
}

/// <summary>A head's scores on repeated blocks of one length.</summary>
internal sealed record BlockResults
{
    public required int BlockLength { get; init; }
    public required ComparedScore PreviousToken { get; init; }
    public required ComparedScore DuplicateToken { get; init; }
    public required ComparedScore Induction { get; init; }
    public required ComparedScore PrefixMatching { get; init; }
    public required ComparedScore FiveBack { get; init; }

    /// <summary>Mean entropy of the attention's rows, nats.</summary>
    public required ComparedScore Entropy { get; init; }

    public static BlockResults Of(BlockScores<Compared> scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        return new()
        {
            BlockLength = scores.BlockLength,
            PreviousToken = ComparedScore.Of(scores.PreviousToken),
            DuplicateToken = ComparedScore.Of(scores.DuplicateToken),
            Induction = ComparedScore.Of(scores.Induction),
            PrefixMatching = ComparedScore.Of(scores.PrefixMatching),
            FiveBack = ComparedScore.Of(scores.FiveBack),
            Entropy = ComparedScore.Of(scores.Entropy),
        };
    }
}

/// <summary>Everything by which a head is told apart.</summary>
internal sealed record HeadResults
{
    public required int Layer { get; init; }
    public required int Head { get; init; }
    public required ComparedScore Copying { get; init; }

    /// <summary>One for each block length that fits the model's context and alphabet.</summary>
    public required IReadOnlyList<BlockResults> Blocks { get; init; }

    /// <summary>The scores on blocks of the length trained on, or the one nearest to it.</summary>
    public BlockResults At(int blockLength) => Blocks.MinBy(block => Math.Abs(block.BlockLength - blockLength))!;
}

/// <summary>The scores of a model's heads.</summary>
internal sealed record HeadScoreResults
{
    /// <summary>Sequences of each block length.</summary>
    public required int Sequences { get; init; }

    public required ulong Seed { get; init; }

    public required IReadOnlyList<HeadResults> Heads { get; init; }

    /// <summary>Loss of the last letter minus loss of the first one predicted, nats.</summary>
    public required ComparedScore InContextLearning { get; init; }
}

/// <summary>How strongly one head feeds another.</summary>
internal sealed record CompositionResult
{
    /// <summary>Which input of the later head: <c>K</c>, <c>Q</c> or <c>V</c>.</summary>
    public required string Kind { get; init; }

    public required HeadPlace From { get; init; }

    public required HeadPlace To { get; init; }

    /// <summary>|AB| / (|A| |B|), Frobenius norms.</summary>
    public required double Score { get; init; }

    public required NullDistribution Baseline { get; init; }

    public required double Standing { get; init; }

    /// <summary>Eigenvalue score of the composed circuit from letters to letters.</summary>
    public required double EigenvalueScore { get; init; }

    public required NullDistribution EigenvalueBaseline { get; init; }

    public required double EigenvalueStanding { get; init; }
}

/// <summary>The loss with some inputs of later layers cut off from earlier heads.</summary>
/// <param name="Name"><c>direct</c>, <c>direct+k</c>, <c>direct+q</c>, <c>direct+kq</c> or <c>full</c>.</param>
/// <param name="Loss">Nats a letter.</param>
internal sealed record PathLoss(string Name, double Loss)
{
    /// <summary>A path experiment's losses by name; <paramref name="whole"/> is the whole model's.</summary>
    public static IReadOnlyList<PathLoss> Of(PathExperiment paths, double whole)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return [new("direct", paths.Direct), new("direct+k", paths.WithKeys), new("direct+q", paths.WithQueries), new("direct+kq", paths.WithBoth), new("full", whole)];
    }

    /// <summary>The published ones; null where there are none.</summary>
    public static IReadOnlyList<PathLoss>? Of(PublishedModel? study) => study?.Paths?.Value is { } paths ? Of(paths, study.Loss) : null;
}

/// <summary>What the heads of different layers make of each other.</summary>
internal sealed record CompositionResults
{
    /// <summary>Sequences behind the losses.</summary>
    public required int Sequences { get; init; }

    public required ulong Seed { get; init; }

    public required IReadOnlyList<CompositionResult> Scores { get; init; }

    public required IReadOnlyList<PathLoss> Paths { get; init; }

    public double Loss(string path) => Paths.First(loss => loss.Name == path).Loss;
}
