using Interp.Host.Pages;
using Interp.Runs.Wording;

namespace Interp.Host.Report.SurveySections;

/// <summary>The field's words, for a reader who is new to it.</summary>
internal static class GlossarySection
{
    public static Section Write(SurveyPage page)
    {
        var form = page.Groups.Count > 0 ? page.Groups[0].Results[0].Item.Configuration.Task : ConfigurationModule.study.Task;
        var letters = TaskFormModule.size(form)?.Value.Letters ?? page.Groups[0].Results[0].Item.Configuration.Architecture.DVocab;
        var floor = form is TaskForm.Repeat { Item: var r } ? Html.Of($" The first block is pure chance, so no model can be below {Words.Nats(Tasks.floorOf(r))}, the floor.") : Html.Of($"");
        var two = page.Groups.Count == 0 || page.Variants.Any(variant => variant.IsTwoLayer);
        return new("glossary", "Words", "Words", Html.Of($"""
            <dl class="traps">
            <dt>The task</dt>
            {(form is TaskForm.Repeat { Item: var task } ? Html.Of($"""
            <dd>A random pattern of {task.BlockLength} letters (a <em>block</em>) is repeated to {task.Length} letters, and the model predicts each next letter. Once a whole block
            has been seen, the rest is determined: find the last occurrence of the current letter, and say what followed it.</dd>
            """) : Html.Of($"<dd>{form.ToString()}</dd>"))}
            <dt>Loss, in nats; the floor</dt>
            <dd>The surprise at each letter, averaged: minus the natural logarithm of the probability that the model gave it. Guessing evenly among {letters} letters costs
            {Words.Nats(Math.Log(letters))}.{floor}</dd>
            <dt>Head, attention, layer</dt>
            <dd>At each position a head looks back: it spreads its attention, which adds up to one, over the current letter and those before, and adds something to the prediction that depends on
            the letters it looks at. A layer is a few heads side by side; a second layer reads what the first one wrote.</dd>
            <dt>Keys, queries, smeared keys</dt>
            <dd>A head looks where a letter’s key fits the current letter’s query. With <em>smeared</em> keys, each key is mixed with that of the letter before, so that a query can ask for “the place after
            an A”. With plain keys one layer cannot ask that.</dd>
            <dt>Direct path</dt>
            <dd>The way from the current letter to the prediction that passes through no head (W_E W_U).</dd>
            <dt>OV circuit</dt>
            <dd>What looking at a letter does to the prediction of every letter (W_E W_V W_O W_U): a table of {letters} by {letters} numbers.</dd>
            <dt>Eigenvalue score</dt>
            <dd>One number for such a table: the sum of its eigenvalues over the sum of their magnitudes. 1 means that letters (or mixtures of them) raise themselves, copying; −1 that they lower
            themselves; 0 neither.</dd>
            {(two ? Html.Of($"""
                <dt>K-composition, Q-composition</dt>
                <dd>A head of the second layer may read, for its keys or for its queries, what a head of the first layer wrote. If a first-layer head looks at the letter before, a key that reads it
                says “after an A”: that is how two layers search without smeared keys (an <em>induction head</em>).</dd>
                <dt>Paths cut</dt>
                <dd>The loss with the second layer’s keys, queries or both kept from reading the first layer: what is lost tells what they are needed for.</dd>
                """) : Html.Empty)}
            <dt>Ablation</dt>
            <dd>A head is made to write nothing; the rise of the loss says what it was worth.</dd>
            <dt>Prefix matching</dt>
            <dd>Attention to the letters that followed earlier occurrences of the current one, on blocks of lengths that training did not show.</dd>
            <dt>Held out</dt>
            <dd>Measured on sequences that training did not use.</dd>
            </dl>
            """));
    }
}
