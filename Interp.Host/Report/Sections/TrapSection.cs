using Interp.Host.Pages;
using Interp.Runs.Wording;

namespace Interp.Host.Report.Sections;

/// <summary>What is easily misread.</summary>
internal static class TrapSection
{
    public static Section Write(Repetition task, Architecture architecture) => new("traps", "Traps", "Traps", Html.Of($"""
        <dl class="traps">
        <dt>“{task.BlockLength - 1} back” and “induction” are the same stripe</dt>
        <dd>With a period of {task.BlockLength} and different letters, what followed the last occurrence of the current letter always stands {task.BlockLength - 1} back. A head that looks a fixed
        distance back and a head that searches for the letter draw the same picture. Only sequences of other periods tell them apart: <a href="#heads">here they do</a>.</dd>
        <dt>The floor is not zero</dt>
        <dd>The first {task.BlockLength - 1} predictions of a sequence are chance and cost {Words.Nats(Math.Log(task.Letters))} nats each, so even a perfect model has a loss of
        {Words.Nats(Tasks.floorOf(task))}. Differences between losses are better read above that line.</dd>
        <dt>Patterns that repeat a letter are another task</dt>
        <dd>{Words.Percent(QuestionSection.RepeatShare(task))} of random patterns contain some letter twice. There, “what came after this letter last time” has two answers, and one letter
        of context is not enough. “Completes correctly” must say for which kind.</dd>
        <dt>Most eigenvalues of an OV circuit are noise</dt>
        <dd>The {task.Letters} by {task.Letters} product has rank {architecture.DHead} at most, so {task.Letters - architecture.DHead} of its eigenvalues are rounding errors in single
        precision and can push a score past 1. The eigenvalues of AB that are not zero are those of BA: here they are taken from the {architecture.DHead} by {architecture.DHead} product, in double precision.</dd>
        <dt>Averages of attention mislead twice</dt>
        <dd>Dividing columns by their maximum hides how much attention there is; averaging over queries with few positions to look at makes every head look local.</dd>
        <dt>One seed is one seed</dt>
        <dd>Which heads copy, and which letters a failing model falls back on, changes from seed to seed.</dd>
        </dl>
        """));
}
