using Interp.Host.Figures;
using Interp.Host.Results;

namespace Interp.Host.Report.Sections;

/// <summary>The study's observations as measured numbers, with verdicts.</summary>
internal static class ObservationSection
{
    public static Section Write(Reproduction run) => new("observations", "The study’s observations, measured", "Observations", Html.Of($"""
        <p>What the study saw on a handful of prompts, as numbers over many. The rule beside each says when it counts as holding; the verdict follows from the number alone.</p>
        {Html.Join(run.Models, Model)}
        """));

    private static Html Model(ModelResults model) => Html.Of($"""
        <h3>{Labels.Model(model)}</h3>
        <ul class="observations">
        {Html.Join(model.Observations, observation => Item(observation, model))}
        </ul>
        <p class="redo">{FigureMarkup.Command($"{Commands.Evaluate(model)} ; {Commands.Circuits(model)} ; {Commands.Attention(model)}")}</p>
        """);

    private static Html Item(Observation observation, ModelResults model) => Html.Of($"""
        <li>
        <div class="claim">{Prose.Chip(observation.Verdict)} <strong>{observation.Claim}.</strong></div>
        <div class="measure"><span class="value">{observation.Shown}</span> {observation.Measure} <span class="rule">({observation.Rule})</span></div>
        {(Comment(observation, model) is { } comment ? Html.Of($"<p>{comment}</p>") : Html.Empty)}
        </li>

        """);

    /// <summary>What a reader should know beside the number, true whatever the number is.</summary>
    private static string? Comment(Observation observation, ModelResults model)
    {
        var prompts = model.Evaluation.Prompts;
        return observation.Id switch
        {
            "completes_prompts" =>
                $"Where a pattern repeats a letter it is {Words.Percent(prompts.Repeated.Exact)} of {prompts.Repeated.Count} prompts; random patterns of both kinds together, {Words.Percent(Observations.ExactShare(prompts))}.",
            "never_repeats" =>
                $"Where a pattern repeats a letter it is {Words.Percent(prompts.Repeated.Repeats)}; there two equal letters may stand side by side, and a model without fault would write them too. Among the study’s five prompts it happens in {Prose.Number(model.Completions.Count(DoublesLetter))} of this run’s completions.",
            "looks_nearby" =>
                "Early queries have few positions to choose from, so averages that include them, and columns divided by their maximum, make attention look more local than it is.",
            "finds_last_occurrence" =>
                $"With blocks of {model.Configuration.Task.BlockLength} the two readings of that stripe, a fixed distance or a search for the letter, cannot be told apart: see the traps below.",
            _ => null,
        };
    }

    private static bool DoublesLetter(Completion completion) =>
        (completion.Prompt[^1] + completion.Generated).Zip(completion.Generated).Any(pair => pair.First == pair.Second);
}
