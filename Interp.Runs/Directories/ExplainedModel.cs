using Interp.Runs.Results;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Interp.Runs.Directories;

/// <summary>Explanations of one model: which, and what they are held against.</summary>
/// <param name="Threads">Worker threads.</param>
/// <param name="Task">What it is judged on.</param>
/// <param name="Architecture">The model's shape.</param>
/// <param name="Weights">The model.</param>
/// <param name="Seed">What its training began from.</param>
/// <param name="Reference">The sequences.</param>
internal sealed record ExplainedModel(int Threads, Task Task, Architecture Architecture, Model<Tensor> Weights, ulong Seed, Reference Reference)
{
    /// <summary>Of all the work, what the search for the ladder is reckoned at, in explanations.</summary>
    private const int Search = 20;

    /// <summary>Rungs that a ladder is reckoned to have before it is known.</summary>
    private const int Rungs = 20;

    /// <summary>Rungs that a report has time for.</summary>
    private const int ShortLadder = 10;

    /// <summary>Judges explanations that were asked for, with their texts.</summary>
    /// <exception cref="RefusedException">One does not fit the model.</exception>
    public ExplanationResults Judge(IReadOnlyList<(string Text, Explanation Explanation)> asked, Action<string, double> show, CancellationToken interruption) =>
        Judge([.. asked.Select(each => new Called(each.Text, each.Text, each.Explanation))], [], rungs: 0, show, interruption);

    /// <summary>Judges the author's explanations of this kind of model, single forms and the ladder.</summary>
    public ExplanationResults JudgeAll(Action<string, double> show, CancellationToken interruption) =>
        Judge(
            Author,
            Others(Findings.telling(Architecture).Concat(Named.forms(Task, Architecture))),
            rungs: int.MaxValue,
            show,
            interruption);

    /// <summary>The same in short, as a report has it: few forms, and of one layer's ladder the exact model and the rungs with the fewest numbers.</summary>
    public ExplanationResults JudgeInShort() =>
        Judge(
            Author,
            Others(Findings.telling(Architecture)),
            rungs: Architecture.NLayers == 1 ? ShortLadder : 0,
            (_, _) => { },
            CancellationToken.None);

    private Called[] Author => [.. Named.ofAuthor(Task, Architecture, Weights).Select(Printed)];

    /// <summary>Each once, and none of the author's.</summary>
    private Called[] Others(IEnumerable<NamedExplanation> explanations) =>
        [.. explanations.Select(Printed).ExceptBy(Author.Select(each => each.Text), each => each.Text)];

    private static Called Printed(NamedExplanation named) => new(named.Name, named.Explanation.ToString(), named.Explanation);

    private ExplanationResults Judge(
        IReadOnlyList<Called> told, IReadOnlyList<Called> forms, int rungs, Action<string, double> show, CancellationToken interruption)
    {
        foreach (var each in told)
        {
            PartsModule.expand(Architecture, each.Explanation);
        }

        var (done, all) = (0, told.Count + forms.Count + (rungs > 0 ? Search + Rungs : 0));
        show("making ready", 0);
        var judge = JudgeModule.make(
            Threads, Task, Architecture.NCtx, Weights, FSharpOption<Model<Tensor>>.Some(Findings.untrained(Architecture, Seed)), NullModels.bigramNoiseWithTask(Architecture), Reference);
        var (judgedTold, judgedForms) = (All(told), All(forms));
        JudgedExplanation[] ladder = [];
        if (rungs > 0)
        {
            var found = Ladder.ofModel(Threads, Task, Architecture.NCtx, Weights, Reference.Seed, FuncConvert.FromAction<long, long>((kept, own) =>
            {
                interruption.ThrowIfCancellationRequested();
                show($"searching the ladder: {kept} of {own} numbers", (done + (Search * (1 - ((double)kept / Math.Max(own, 1))))) / all);
            }));
            var kept = found.Length > rungs ? [found.Head, .. found.Skip(found.Length - rungs + 1)] : found.ToArray();
            done += Search;
            all += kept.Length - Rungs;
            ladder = All([.. kept.Select(rung => new Called(rung.ToString(), rung.ToString(), rung))]);
        }

        return new()
        {
            Reference = Reference,
            Numbers = NumbersKept.ofParts(PartsModule.exact(Architecture)),
            Parameters = ModelModule.parameters(Weights),
            Names = Task.Tokens,
            Told = judgedTold,
            Forms = judgedForms,
            Ladder = ladder,
            Letters = HeadLettersModule.ofModel(Architecture, Weights)?.Value,
        };

        JudgedExplanation[] All(IReadOnlyList<Called> explanations) =>
        [
            .. explanations.Select(each =>
            {
                interruption.ThrowIfCancellationRequested();
                show(each.Name, (double)done++ / all);
                return new JudgedExplanation(
                    JudgeModule.explanation(judge, each.Name, each.Explanation), NumbersKept.each(PartsModule.expand(Architecture, each.Explanation)), each.Text);
            }),
        ];
    }

    private sealed record Called(string Name, string Text, Explanation Explanation);
}
