using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Interp.Runs.Results;

/// <summary>Explanations of one model, judged.</summary>
internal sealed record ExplanationResults
{
    /// <summary>The sequences that they are judged on.</summary>
    public required Reference Reference { get; init; }

    /// <summary>The numbers from which the model's exact parts can be rebuilt.</summary>
    public required long Numbers { get; init; }

    /// <summary>Entries of its weights.</summary>
    public required int Parameters { get; init; }

    /// <summary>The names of its tokens.</summary>
    public required Vocabulary Names { get; init; }

    /// <summary>What is to be told one by one: the author's, or those that were asked for.</summary>
    public required IReadOnlyList<JudgedExplanation> Told { get; init; }

    /// <summary>Single forms of each part, where none were asked for.</summary>
    public required IReadOnlyList<JudgedExplanation> Forms { get; init; }

    /// <summary>From the exact model down.</summary>
    public required IReadOnlyList<JudgedExplanation> Ladder { get; init; }

    /// <summary>The letters that heads look for; null where there is no telling.</summary>
    public required HeadLetters? Letters { get; init; }

    /// <summary>All of them.</summary>
    public IEnumerable<JudgedExplanation> All => [.. Told, .. Forms, .. Ladder];

    /// <summary>The model's loss on the sequences that they are judged on.</summary>
    public Estimate? Loss => All.FirstOrDefault()?.Judged.Faithfulness.ModelLoss;
}

/// <summary>A judged explanation, what it keeps of each part, and its text as it was given.</summary>
internal sealed record JudgedExplanation(Judged Judged, FSharpList<KeptNumbers> Parts, string Text)
{
    public string Name => Judged.Name;

    public double Explained => Judged.Faithfulness.Explained.Value;
}
