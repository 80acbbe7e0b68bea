using Interp.Host.Pages;
using Interp.Pictures;
using Interp.Runs.Results;
using Interp.Runs.Wording;

namespace Interp.Host.Report.Sections;

/// <summary>What each head is worth: the loss without it.</summary>
internal static class AblationSection
{
    public static Section Write(Reproduction run, FigureMarkup figures) => new("ablations", "Without a head", "Ablations", Html.Of($"""
        <p>Take one head away and see what the loss becomes. <strong>Zero</strong> ablation lets it write nothing; <strong>mean</strong> ablation lets it write what it
        writes on average at that position, which leaves the rest of the model what it is used to.</p>
        <div class="panels columns3">
        {Html.Join(run.Models, model => Model(model, figures))}
        </div>
        """),
        Html.Of($"""
        <p>The gradient’s estimate is what the gradient foretells of zero ablation (<em>gradient times activation</em>): where it is far from the truth, the model is far from linear in that head.</p>
        {Html.Join(run.Models, Detail)}
        """));

    private static Html Model(ModelResults model, FigureMarkup figures)
    {
        var zero = model.Ablations[0];
        var most = zero.Heads.MaxBy(head => head.Loss)!;
        var least = zero.Heads.MinBy(head => head.Loss)!;
        return Html.Of($"""
            <div class="panel">
            <h3>{Labels.Model(model)}</h3>
            {figures.One(
                $"{model.Name}-ablation",
                Html.Of($"<strong>{Labels.Model(model)}, zero ablation.</strong> The dashed line is the whole model. Whole, its loss is {Words.Nats(zero.Whole)}. It misses {Labels.Head(model.Configuration.Architecture, most.Head).ToLowerInvariant()} the most ({Words.Nats(most.Loss)}) and {Labels.Head(model.Configuration.Architecture, least.Head).ToLowerInvariant()} the least ({Words.Nats(least.Loss)}).{Added(zero)}"),
                CommandLines.Ablate(model))}
            </div>
            """);
    }

    /// <summary>The published losses belong to heads that have no counterpart here: in order of size, they can be compared.</summary>
    private static Html Detail(ModelResults model)
    {
        var zero = model.Ablations[0];
        var mean = model.Ablations[1];
        var published = model.Published?.AblatedLosses.OrderDescending().ToArray();
        var ranked = zero.Heads.Where(head => head.Head.Layer == 0).OrderByDescending(head => head.Loss).ToArray();
        var rows = zero.Heads.Zip(mean.Heads, (head, averaged) => Tables.Texts(
            Labels.Head(model.Configuration.Architecture, head.Head),
            Words.Nats(head.Loss),
            Words.Nats(head.Loss - zero.Whole),
            Words.Nats(averaged.Loss),
            head.FirstOrder is { Value: var estimate } ? Words.Nats(estimate) : "–",
            published is not null && Array.FindIndex(ranked, other => other.Head.Equals(head.Head)) is var rank and >= 0 && rank < published.Length ? Words.Nats(published[rank]) : "–"));
        return Tables.Of($"Loss without a head, {Prose.Keys(model)}", Tables.Texts("Head", "zero", "more than whole", "mean", "gradient’s estimate", "the study’s, by rank"), rows);
    }

    private static string Added(Ablations zero)
    {
        if (!zero.Heads.Select(head => head.Loss).Append(zero.Whole).All(double.IsFinite))
        {
            return $" {Prose.NotFinite}";
        }

        var opposed = zero.Heads.Where(head => head.Loss < zero.Whole).ToArray();
        return opposed.Length == 0
            ? " Every head does its part: without any of them the loss rises."
            : $" {Prose.Capital(Prose.Count(opposed.Length, "head"))} {(opposed.Length == 1 ? "does" : "do")} harm: without {(opposed.Length == 1 ? "it" : "any of them")} the loss falls.";
    }
}
