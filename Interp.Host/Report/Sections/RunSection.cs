using Interp.Host.Explorer;
using Interp.Host.Pages;
using Interp.Pictures;
using Interp.Runs.Results;
using Interp.Runs.Wording;

namespace Interp.Host.Report.Sections;

/// <summary>How to make all of it again.</summary>
internal static class RunSection
{
    public static Section Write(Reproduction run, bool isLive) => new("again", "Make it again", "Make it again", Html.Of($"""
        <p>The same seed gives the same weights, to the bit, whatever the number of threads. This page and everything beside it come from</p>
        <pre class="scroll" tabindex="0"><code>{run.Run.Command}</code></pre>
        <p>and the models alone from the lines below. The commands under the figures are typed in this run’s directory and print their numbers in full precision; the pictures are in
        <code>figures/</code>, all numbers in <code>results.json</code>.</p>
        {Tables.Of("Models", Tables.Texts("Model", "training command", "SHA-256 of the weights"), run.Models.Select(model => new[]
        {
            Html.Text(Labels.Model(model)),
            Html.Of($"<code>{CommandLines.Train(model)}</code>"),
            Html.Of($"<code class=\"hash\">{model.WeightsSha256}</code>"),
        }), numeric: false)}
        {Tables.Of("Time", Tables.Texts("Model", "training", "a step (median)", "analysis"), run.Models.Select(model => Tables.Texts(
            Labels.Model(model),
            $"{Words.Tenth(model.Timings.TrainingSeconds)} s",
            $"{Words.Hundredth(model.Timings.MedianMillisecondsPerStep)} ms",
            $"{Words.Tenth(model.Timings.AnalysisSeconds)} s")))}
        <p class="note">{Prose.Capital(Prose.Count(run.Run.Threads, "thread"))}; {Words.Tenth(run.Run.Seconds)} s in all before this page was written.</p>
        {View.InStory(isLive, "share", Html.Text("What was chosen on this page is in its address, and these lines make the same numbers:"))}
        """));
}
