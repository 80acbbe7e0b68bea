using Interp.Host.Pages;
using Interp.Runs.Wording;

namespace Interp.Host.Report.Sections;

/// <summary>What the study asked, and the task it asked it on.</summary>
internal static class QuestionSection
{
    public static Section Question(bool one, bool two) => new("question", "What was asked", "Question", Html.Of($"""
        <p>A transformer with two attention layers learns <em>induction</em>: having seen <span class="letters">…AB…A</span> it predicts
        <span class="letters">B</span>. It takes two layers because a head of the second must look for a position whose <em>previous</em> letter is the
        current one, and that a key can only tell if a head of the first layer has put the previous letter there: K-composition.</p>
        {(one ? OneLayer : Html.Empty)}
        {(two ? TwoLayers : Html.Empty)}
        """));

    private static Html OneLayer => Html.Of($"""
        <p>The 2022 study asked what a <strong>one-layer</strong> model does when it is trained on a task that induction would solve, and took two such models
        apart. In the first, a key depends on its own letter and position only, so no head can find the last occurrence of the current letter <em>and step one
        on</em>. In the second, each key is smeared with the key before it, by a learned amount: then a key carries the previous letter after all, and one
        layer may be enough.</p>
        """);

    private static Html TwoLayers => Html.Of($"""
        <p>Its author then trained a model of <strong>two</strong> layers with plain keys on the same task, and asked whether it does what the story says: whether its later
        heads find the place to copy from through what an earlier head has written into the keys. That can be read off the weights, and it can be tested, by cutting
        the paths from earlier heads to later ones and watching the loss. <a href="#composition">It has a chapter of its own.</a></p>
        """);

    public static Section Task(Repetition task)
    {
        var pattern = Enumerable.Range(0, task.BlockLength).Select(Letters.name).ToArray();
        var determined = task.Length - task.BlockLength;
        return new("task", "The task", "Task", Html.Of($"""
            <p>A sequence has {task.Length} letters: a random pattern of {task.BlockLength}, each letter drawn from {task.Letters}, written
            {task.Blocks} times. The model predicts every letter from those before it.</p>
            <p class="example" role="img" aria-label="An example of a sequence: one pattern of {task.BlockLength} letters, {task.Blocks} times">{Html.Join(
                Enumerable.Range(0, task.Blocks), block => Html.Of($"<span class=\"block b{block % 2}\">{Html.Join(pattern, letter => Html.Of($"<i>{letter}</i>"))}</span>"))}</p>
            <p>The first {task.BlockLength - 1} predictions are pure chance: {MathMarkup.Inline(MathMarkup.Log(task.Letters))} = {Words.Nats(Math.Log(task.Letters))} nats each. The
            {determined} after that are determined. So no model, however large, has a loss below the <strong>floor</strong>:</p>
            {MathMarkup.Display(
                MathMarkup.Fraction(
                    MathMarkup.Row(MathMarkup.Number((task.BlockLength - 1).ToString()), Html.Of($"<mspace width=\"0.2em\"></mspace>"), MathMarkup.Log(task.Letters)),
                    MathMarkup.Number((task.Length - 1).ToString())),
                MathMarkup.Operator("="),
                MathMarkup.Number(Words.Nats(Tasks.floorOf(task))),
                MathMarkup.Upright(" nats a letter."))}
            <p>A pattern may contain a letter twice, and {Words.Percent(RepeatShare(task))} of random patterns do. They are harder: the last occurrence
            of such a letter is not always the one to continue from. The study’s prompts all have different letters, so this page keeps the two kinds apart.</p>
            """));
    }

    /// <summary>The probability that a random pattern has some letter twice.</summary>
    public static double RepeatShare(Repetition task) =>
        1 - Enumerable.Range(0, task.BlockLength).Aggregate(1.0, (share, drawn) => share * Math.Max(0, task.Letters - drawn) / task.Letters);
}
