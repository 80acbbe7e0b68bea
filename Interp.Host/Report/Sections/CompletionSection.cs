using Interp.Host.Pages;
using Interp.Pictures;
using Interp.Runs.Results;
using Interp.Runs.Wording;

namespace Interp.Host.Report.Sections;

/// <summary>The study's prompts, completed: this run's letters, the study's and the right ones, one under the other.</summary>
internal static class CompletionSection
{
    public static Section Write(Reproduction run) => new("completions", "Completions", "Completions", Html.Of($"""
        <p>The study’s {Prose.Number(Published.prompts.Length)} prompts, continued letter by letter, always with the likeliest. <span class="letters"><b class="wrong">Marked</b></span> letters are
        wrong. The last two prompts are no repetition of one block, so nothing is right or wrong there; letters that do not occur in the prompt are marked
        <span class="letters"><b class="foreign">so</b></span>.</p>
        {Html.Join(run.Models, Model)}
        """));

    private static Html Model(ModelResults model) => Html.Of($"""
        <h3>{Labels.Model(model)}</h3>
        <p>{Sentence(model)}</p>
        <div class="completions">
        {Html.Join(model.Completions, completion => Prompt(completion, Printed(model, completion)))}
        </div>
        <p class="redo">{FigureMarkup.Command(CommandLines.Complete(model))}</p>
        """);

    private static string Sentence(ModelResults model)
    {
        var judged = model.Completions.Where(completion => completion.Expected is not null).ToArray();
        var right = judged.Count(completion => completion.Written.Equals(completion.Expected!.Value));
        var same = model.Completions.Count(completion => Letters.toText(completion.Written) == Printed(model, completion));
        var agreement = model.Published is not { Completions.IsEmpty: false }
            ? string.Empty
            : same == 0
                ? " None is letter for letter the study’s."
                : $" {Prose.Capital(Prose.Number(same))} of {Prose.Number(model.Completions.Count)} {(same == 1 ? "is" : "are")} letter for letter the study’s.";
        var prompts = model.Patterns;
        return $"Of the {Prose.Count(judged.Length, "prompt")} with a right answer, {Prose.Number(right)} {(right == 1 ? "is" : "are")} completed correctly.{agreement} "
            + $"Over random two-block prompts: {Words.Percent(prompts.Distinct.Exact)} completed without a mistake where all letters differ ({prompts.Distinct.Count} prompts), "
            + $"{Words.Percent(prompts.Repeated.Exact)} where one repeats ({prompts.Repeated.Count} prompts); letter by letter {Words.Percent(prompts.Distinct.Letters)} and {Words.Percent(prompts.Repeated.Letters)} are right.";
    }

    /// <summary>The study's completion of the same prompt; null where it shows none.</summary>
    private static string? Printed(ModelResults model, Completion completion) =>
        model.Published?.Completions.FirstOrDefault(printed => printed.Prompt == Letters.toText(completion.Prompt))?.Completion;

    private static Html Prompt(Completion completion, string? study) => Prompt(
        Letters.toText(completion.Prompt), Letters.toText(completion.Written), completion.Expected is { Value: var right } ? Letters.toText(right) : null, study);

    private static Html Prompt(string prompt, string written, string? right, string? study) => Html.Of($"""
        <table class="completion">
        <caption>{prompt}</caption>
        <tbody>
        {Line("this run", prompt, written, right)}
        {(study is null ? Html.Empty : Line("the study", prompt, study, right))}
        {(right is { } expected ? Line("correct", prompt, expected, null) : Html.Empty)}
        </tbody>
        </table>

        """);

    private static Html Line(string who, string prompt, string generated, string? expected) => Html.Of($"""
        <tr><th scope="row">{who}</th><td class="letters"><span class="prompt">{prompt}</span>{Html.Join(generated.Select((letter, place) => Letter(letter, place, prompt, expected)))}</td><td class="count">{Right(generated, expected)}</td></tr>

        """);

    private static Html Letter(char letter, int place, string prompt, string? expected)
    {
        var text = letter.ToString();
        if (expected is null)
        {
            return prompt.Contains(letter, StringComparison.Ordinal) ? Html.Of($"<b>{text}</b>") : Html.Of($"<b class=\"foreign\">{text}</b>");
        }

        return place < expected.Length && expected[place] == letter ? Html.Of($"<b>{text}</b>") : Html.Of($"<b class=\"wrong\">{text}</b>");
    }

    private static string Right(string generated, string? expected) =>
        expected is null ? string.Empty : $"{generated.Zip(expected).Count(pair => pair.First == pair.Second)}/{expected.Length}";
}
