using Interp.Host.Pages;
using Interp.Pictures;
using Interp.Runs.Results;
using Interp.Runs.Wording;

namespace Interp.Host.Report.Sections;

/// <summary>The study's claims on the models of this run: what was measured, and how far that is from what each claim asks for.</summary>
internal static class OutcomeSection
{
    public static Section Write(Reproduction run) => new("claims", "The study’s claims, measured", "Claims", Html.Of($"""
        <p>What the study saw on a handful of prompts, as numbers over many. Each claim asks for something that a number must be above or below; the verdict follows from the number alone. All of
        them, with what was measured, are <a href="#claims-detail">in the appendix</a>; here is how many hold.</p>
        {Tables.Of("Claims on each model", Tables.Texts("Model", "hold", "fail", "not measured"), run.Models.Select(Counted))}
        {Html.Join(run.Models, Departures)}
        <p class="note">These numbers are taken on the same {Words.Count(SurveyModule.reference.Sequences)} held-out sequences of seed {SurveyModule.reference.Seed} whatever the seed of a run (scores of heads on
        {MeasurementsModule.mostForHeads} of each block length), as are this page’s other figures but for the held-out loss at its top, which is over more sequences, of the run’s own seed.
        <code>interp study</code> counts the same verdicts over many trainings.</p>
        """),
        Html.Of($"""
        <p>In the strips the tinted side is where a claim holds, the mark is this run, the ring what the study printed.</p>
        {Html.Join(run.Models, Model)}
        """));

    private static Html Departures(ModelResults model)
    {
        var departures = model.Outcomes.Where(outcome => !outcome.Verdict.IsHolds).ToArray();
        return departures.Length == 0 ? Html.Empty : Html.Of($"""
            <p><strong>{Labels.Model(model)}:</strong> what does not hold here.</p>
            <ul class="departures">
            {Html.Join(departures, outcome => Html.Of($"<li>“{outcome.Claim.Sentence.TrimEnd('.')}” {(outcome.Verdict.IsFails ? $"fails: {OutcomeWords.Reason(outcome)}" : "was not measured")}.</li>\n"))}
            </ul>

            """);
    }

    private static Html[] Counted(ModelResults model) => Tables.Texts(
        Labels.Model(model),
        $"{model.Outcomes.Count(outcome => outcome.Verdict.IsHolds)}",
        $"{model.Outcomes.Count(outcome => outcome.Verdict.IsFails)}",
        $"{model.Outcomes.Count(outcome => !outcome.Verdict.IsHolds && !outcome.Verdict.IsFails)}");

    private static Html Model(ModelResults model) => Html.Of($"""
        <table class="claims outcomes">
        <caption>{Labels.Model(model)}</caption>
        <thead><tr><th scope="col">Claim</th><th scope="col">This run</th><th scope="col">Asked for</th><th scope="col">The study’s</th><th scope="col">Distance</th><th scope="col">Verdict</th></tr></thead>
        <tbody>
        {Html.Join(model.Outcomes, Row)}
        </tbody>
        </table>
        {Notes(model)}
        <p class="redo">{FigureMarkup.Command($"{CommandLines.Evaluate(model)} ; {CommandLines.Circuits(model)} ; {CommandLines.Attention(model)}")}</p>
        """);

    private static Html Row(ClaimOutcome outcome)
    {
        var lacks = outcome.Lacks is { Value: var sentence } ? Html.Of($"<span class=\"asks\">{sentence}</span>") : Html.Empty;
        var asks = Html.Join(outcome.Conditions, condition => Html.Of($"<code>{condition.Condition.ToString()}</code>"));
        Html[] cells =
        [
            Cell("value", outcome, condition => Html.Text(OutcomeWords.Value(condition))),
            Cell("asked", outcome, condition => Html.Text(OutcomeWords.Asked(condition))),
            Cell("published", outcome, condition => Html.Text(OutcomeWords.Published(outcome.Claim, condition))),
            Cell("interval", outcome, condition => Html.Of($"{OnAxis(outcome, condition)}<span class=\"ends\">{OutcomeWords.Margin(condition)}</span>")),
        ];
        return Html.Of($"""
            <tr><th scope="row">{outcome.Claim.Sentence}<span class="asks">{asks}</span>{lacks}</th>{Html.Join(cells)}<td>{Prose.Chip(outcome.Verdict)}</td></tr>

            """);
    }

    /// <summary>A line for each condition, so that those of one row stand side by side.</summary>
    private static Html Cell(string kind, ClaimOutcome outcome, Func<ConditionOutcome, Html> write) =>
        Html.Of($"<td class=\"{kind}\">{Html.Join(outcome.Conditions, condition => Html.Of($"<span class=\"line\">{write(condition)}</span>"))}</td>");

    /// <summary>Value, bound and published value on one axis; the numbers stand beside it.</summary>
    private static Html OnAxis(ClaimOutcome outcome, ConditionOutcome condition)
    {
        if ((condition.Value?.Value, condition.Bound?.Value) is not ({ } value, { } bound) || !double.IsFinite(value) || !double.IsFinite(bound))
        {
            return Html.Empty;
        }

        // A bound that is another quantity is this run's own.
        var published = (OutcomeWords.Quantity(condition.Condition), outcome.Claim.About?.Value) is ({ } quantity, { } variant)
            ? Published.value(variant, quantity)?.Value.Value
            : null;
        var (low, high) = Axis(OutcomeWords.Unit(condition.Condition), value, bound, published);
        return Strip.Of(
            condition.Margin.Value > 0 ? "strip holds" : "strip fails",
            condition.Condition.IsBelow ? 0 : At(bound),
            condition.Condition.IsBelow ? At(bound) : 1,
            At(value),
            published is { } study ? At(study) : null);

        double At(double number) => Math.Clamp((number - low) / (high - low), 0, 1);
    }

    /// <summary>Shares and scores have an axis of their own; a loss has one around its bound, as wide as it takes.</summary>
    private static (double Low, double High) Axis(QuantityUnit unit, double value, double bound, double? published)
    {
        if (unit.IsShare)
        {
            return (0, 1);
        }

        if (unit.IsScore || unit.IsCorrelation)
        {
            return (-1, 1);
        }

        var far = Math.Max(Math.Abs(value - bound), Math.Abs((published ?? bound) - bound));
        var half = 1.25 * Math.Max(far, 0.1);
        return (bound - half, bound + half);
    }

    /// <summary>What a reader should know beside the numbers, true whatever they are.</summary>
    private static Html Notes(ModelResults model)
    {
        var task = model.Repetition;
        var prompts = model.Patterns;
        var two = model.Configuration.Architecture.NLayers > 1;
        string[] notes = two
            ? []
            : model.Configuration.Architecture.Smear.IsKeys
            ? [
                $"Where a pattern repeats a letter, {Words.Percent(prompts.Repeated.Repeats)} of the written letters equal the one before; there two equal letters may stand side by side, and a model without fault would write them too. Among the study’s prompts it happens in {Prose.Number(model.Completions.Count(DoublesLetter))} of this run’s completions.",
                $"With blocks of {task.BlockLength}, a fixed distance and a search for the letter draw the same stripe and cannot be told apart: see the traps below.",
            ]
            : [
                $"Spread evenly, attention to the current letter and the two before it would be {Words.Percent(NearbyIfUniform(task))}. Early queries have few positions to choose from, so averages that include them, and columns divided by their maximum, make attention look more local than it is.",
            ];
        return Html.Join(notes, note => Html.Of($"<p class=\"note\">{note}</p>\n"));
    }

    /// <summary>Mean share of three places among all that are visible, over query positions after the first block.</summary>
    private static double NearbyIfUniform(Repetition task) =>
        Enumerable.Range(task.BlockLength, task.Length - task.BlockLength).Average(position => Math.Min(1, 3 / (position + 1.0)));

    private static bool DoublesLetter(Completion completion) =>
        completion.Written.ToArray() is var written && written.Prepend(completion.Prompt.ToArray()[^1]).Zip(written).Any(pair => pair.First == pair.Second);
}
