using Microsoft.FSharp.Collections;

namespace Interp.Runs.Results;

/// <summary>The whole outcome of <c>interp reproduce</c>: what results.json holds and what the report is written from.</summary>
internal sealed record Reproduction
{
    public required RunInformation Run { get; init; }

    /// <summary>The trained models, in the order of the report.</summary>
    public required IReadOnlyList<ModelResults> Models { get; init; }
}

/// <summary>How the run was made.</summary>
internal sealed record RunInformation
{
    /// <summary>The version of interp.</summary>
    public required string Version { get; init; }

    /// <summary>The command line that makes the whole run again, such as <c>interp reproduce --seed 1 --steps 10000</c>.</summary>
    public required string Command { get; init; }

    public required ulong Seed { get; init; }

    /// <summary>Training steps of each model.</summary>
    public required int Steps { get; init; }

    public required int Threads { get; init; }

    public required DateTimeOffset Started { get; init; }

    /// <summary>Seconds from the start until the report was begun.</summary>
    public required double Seconds { get; init; }
}

/// <summary>One trained model and everything measured on it.</summary>
internal sealed record ModelResults
{
    /// <summary>A short name that is also a file name: <c>plain</c>, <c>smeared</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The checkpoint, relative to the run directory: <c>plain.safetensors</c>.</summary>
    public required string Checkpoint { get; init; }

    public required Configuration Configuration { get; init; }

    /// <summary>SHA-256 of the trained weights, lower-case hexadecimal.</summary>
    public required string WeightsSha256 { get; init; }

    /// <summary>Loss of the last training batch, nats a letter.</summary>
    public required double Loss { get; init; }

    /// <summary>Loss on sequences that no training batch can contain, nats a letter.</summary>
    public required double HeldOutLoss { get; init; }

    /// <summary>What it is trained on, a repeated block as in the study.</summary>
    public Repetition Repetition => TaskFormModule.repetition(Configuration.Task).Value;

    /// <summary>The loss that no model can go below, nats a letter.</summary>
    public double Floor => Tasks.floorOf(Repetition);

    /// <summary>The loss of every training step: entry i belongs to step i + 1.</summary>
    public required IReadOnlyList<double> TrainingLosses { get; init; }

    /// <summary>Held-out losses on the way, the last of the trained model.</summary>
    public required IReadOnlyList<HeldOutLoss> HeldOutLosses { get; init; }

    /// <summary>The study's prompts, completed greedily.</summary>
    public required IReadOnlyList<Completion> Completions { get; init; }

    public required ScoredCircuits Circuits { get; init; }

    /// <summary>What positions alone add to each head's attention scores.</summary>
    public required IReadOnlyList<PositionScores> Positions { get; init; }

    public required AttentionResults Attention { get; init; }

    public required Evaluation Evaluation { get; init; }

    /// <summary>How prompts are completed, by their block.</summary>
    public PatternRates Patterns => Evaluation.Prompts.Value.ByPattern.Value;

    /// <summary>Losses without each head, once with nothing and once with its mean in its place.</summary>
    public required IReadOnlyList<Ablations> Ablations { get; init; }

    public required ScoredHeads HeadScores { get; init; }

    /// <summary>Null for one layer, where nothing composes.</summary>
    public CompositionResults? Composition { get; init; }

    /// <summary>What explanations explain of it, in short; null where that is not measured.</summary>
    public ExplanationResults? Explanations { get; init; }

    /// <summary>sigmoid(alpha), a tensor [head, pos-1] a layer: the weight of a key's own position; null where keys are not smeared.</summary>
    public IReadOnlyList<Tensor>? Smear { get; init; }

    public required Timings Timings { get; init; }

    /// <summary>Everything that claims are about, measured on the sequences of <see cref="Survey"/>'s reference.</summary>
    public required FSharpMap<Quantity, double> Quantities { get; init; }

    /// <summary>The same of the run's models of other kinds, by their kind: there are claims that hold one against another.</summary>
    public FSharpMap<Variant, FSharpMap<Quantity, double>> Beside { get; init; } = MapModule.Empty<Variant, FSharpMap<Quantity, double>>();

    /// <summary>The study's claims about this kind of model, judged on these quantities.</summary>
    public IReadOnlyList<ClaimOutcome> Outcomes =>
        [.. Claims.study.Where(claim => Variant is { } variant && ClaimModule.isAbout(variant, claim)).Select(claim => ClaimModule.judgeBeside(Beside, Quantities, claim))];

    /// <summary>The figures that the 2022 study published for this kind of model; null where it published none.</summary>
    public PublishedModel? Published => Variant is { } variant ? Interp.Published.ofVariant(variant) : null;

    /// <summary>Models of one run, each with the others beside it.</summary>
    public static ModelResults[] Together(IReadOnlyList<ModelResults> models) =>
    [
        .. models.Select(model => model with
        {
            Beside = MapModule.OfSeq(models.Where(other => !ReferenceEquals(other, model) && other.Variant is not null).Select(other => Tuple.Create(other.Variant!, other.Quantities))),
        }),
    ];

    private Variant? Variant => VariantModule.ofArchitecture(Configuration.Architecture)?.Value;
}

/// <summary>Wall-clock seconds of the parts of the work on one model.</summary>
internal sealed record Timings
{
    public required double TrainingSeconds { get; init; }
    public required double MedianMillisecondsPerStep { get; init; }
    public required double AnalysisSeconds { get; init; }

    /// <summary>Of the analysis: evaluation, attention, heads, ablation with nothing, composition.</summary>
    public required double MeasurementSeconds { get; init; }

    /// <summary>Of the analysis: scores of circuits, heads and composition beside their null distributions.</summary>
    public required double NullSeconds { get; init; }

    /// <summary>Of the analysis: ablation with means, and estimates to first order.</summary>
    public required double AblationSeconds { get; init; }

    /// <summary>Of the analysis: judging explanations, and their ladder.</summary>
    public required double ExplanationSeconds { get; init; }

    /// <summary>After the analysis: what the live page shows of the model and its script does not compute; 0 where there is none.</summary>
    public double LiveSeconds { get; init; }
}

/// <summary>Wall-clock seconds of what is done once for all models.</summary>
/// <param name="PictureSeconds">Drawing all pictures, as SVG and as PNG.</param>
/// <param name="PageSeconds">Writing the page.</param>
internal sealed record ReportTimings(double PictureSeconds, double PageSeconds);
