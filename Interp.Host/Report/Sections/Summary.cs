using Interp.Host.Pages;
using Interp.Pictures;
using Interp.Runs.Results;
using Interp.Runs.Wording;

namespace Interp.Host.Report.Sections;

/// <summary>What came out, before the story.</summary>
internal static class Summary
{
    public static Section Write(Reproduction run) => new("summary", "In short", "In short", Html.Of($"""
        <div class="cards">{Html.Join(run.Models, Card)}</div>
        {Html.Join(run.Models, Verdicts)}
        <p>Every number on this page, every verdict and every sentence that rests on one is computed from this run; the study’s figures stand beside and enter nowhere. The study published one seed of each model and so does this
        page: expect agreement in kind, not digit for digit.</p>
        """));

    private static Html Card(ModelResults model) => Html.Of($"""
        <div class="card">
        <h3>{Labels.Model(model)}</h3>
        <p class="big">{Words.Nats(model.HeldOutLoss)}<span> nats a letter, held out</span></p>
        <dl>
        <div><dt>no model can go below</dt><dd>{Words.Nats(model.Floor)}</dd></div>
        {(model.Published is not null ? Html.Of($"<div><dt>the study’s</dt><dd>{LossSection.PublishedLoss(model)}</dd></div>") : Html.Empty)}
        <div><dt>prompts of six different letters completed</dt><dd>{Words.Percent(model.Patterns.Distinct.Exact)}</dd></div>
        <div><dt>prompts that repeat a letter completed</dt><dd>{Words.Percent(model.Patterns.Repeated.Exact)}</dd></div>
        <div><dt>direct path, eigenvalue score</dt><dd>{Words.Score(model.Circuits.DirectPath.Eigenvalues.Score)}</dd></div>
        <div><dt>95&#160;% of random weights</dt><dd>{Words.Range(model.Circuits.DirectPath.Eigenvalues.Null)}</dd></div>
        </dl>
        </div>
        """);

    private static Html Verdicts(ModelResults model)
    {
        var held = model.Outcomes.Count(outcome => outcome.Verdict.IsHolds);
        var share = held == model.Outcomes.Count ? "all hold here" : $"{Prose.Number(held)} {(held == 1 ? "holds" : "hold")} here";
        return Html.Of($"<p><strong>{Labels.Model(model)}.</strong> Of {Prose.Count(model.Outcomes.Count, "claim")} that rest on what the study saw of this model, {share}. <a href=\"#claims\">Which do not, and by how much.</a></p>\n");
    }
}
