using Interp.Host.Explorer;
using Interp.Host.Pages;
using Interp.Pictures;
using Interp.Runs.Results;
using Interp.Runs.Wording;

namespace Interp.Host.Report.Sections;

/// <summary>Where the heads look.</summary>
internal static class AttentionSection
{
    public static Section Write(Reproduction run, FigureMarkup figures, bool isLive) => new("attention", "Attention", "Attention", Html.Of($"""
        <p>Each head’s attention, averaged over {Words.Count(run.Models[0].Attention.Reference.Sequences)} random sequences. The study’s pictures divide each key column by its largest
        entry. That shows which queries look at a key most, but no longer how much they look, and rows no longer sum to 1: a head that spreads its attention evenly
        gets a strong diagonal. So here are the true averages; the study’s view is <a href="#attention-detail">in the appendix</a>.</p>
        {Html.Join(run.Models, model => Model(model, figures))}
        {View.InStory(isLive, "attention", Html.Of($"And on one text, the one <a href=\"#try\">typed above</a>: where every head looks, and from where."))}
        """),
        Html.Join(run.Models, model => Detail(model, figures)));

    private static Html Model(ModelResults model, FigureMarkup figures)
    {
        var heads = model.Circuits.OV;
        return Html.Of($"""
            <h3>{Labels.Model(model)}</h3>
            {figures.Grid(
                2,
                heads.Select(head => AttentionFigures.Average(model, head.Head.Layer, head.Head.Head).Name),
                Html.Of($"<strong>{Labels.Model(model)}, true averages.</strong> A row is a query position, a column the position it looks at; grey is masked, dotted lines divide the blocks. All heads share one scale, set by the rows after the first block; larger entries take its darkest colour."),
                CommandLines.Attention(model))}
            {Html.Join(Enumerable.Range(0, model.Attention.ByOffset.Count), layer => figures.One(
                AttentionFigures.ByOffset(model, layer).Name,
                Html.Of($"<strong>{Labels.Model(model)}{(model.Configuration.Architecture.NLayers > 1 ? $", layer {layer}" : string.Empty)}, by offset.</strong> Mean attention to the position so many back, over all queries that have one. The dashed line is what spreading attention evenly would give; shaded are {Shaded(model)} back, where the letter after an earlier occurrence stands. {Reading(model, layer)}"),
                CommandLines.AttentionByOffset(model)))}
            """);
    }

    private static Html Detail(ModelResults model, FigureMarkup figures) => Html.Of($"""
        <h3>{Labels.Model(model)}</h3>
        {Heads(model)}
        {SmearWeights(model)}
        {figures.Grid(
            2,
            model.Circuits.OV.Select(head => AttentionFigures.ColumnNormalised(model, head.Head.Layer, head.Head.Head).Name),
            Html.Of($"<strong>{Labels.Model(model)}, column-normalised: the study’s view.</strong> The averages, each key column divided by its largest entry. Colours compare the queries of one key, not the keys of one query."),
            CommandLines.Attention(model))}
        """);

    private static string Shaded(ModelResults model)
    {
        var block = model.Repetition.BlockLength;
        var offsets = Enumerable.Range(0, model.Attention.ByOffset[0][0].Count).Where(offset => offset % block == block - 1).ToArray();
        return Prose.List([.. offsets.Select(offset => offset.ToString())]);
    }

    private static string Reading(ModelResults model, int layer)
    {
        var target = model.Repetition.BlockLength - 1;
        var strongest = StrongestOffsets(model, layer);
        var finders = strongest.Where(head => head.Offset % model.Repetition.BlockLength == target).ToArray();
        return finders.Length == 0
            ? "The current letter apart, no head looks there most."
            : $"The current letter apart, {Prose.Count(finders.Length, "head")} of {Prose.Number(strongest.Count)} {(finders.Length == 1 ? "looks" : "look")} there most ({Prose.List([.. finders.Select(head => $"head {head.Head}: {Words.Percent(head.Mass)} at {head.Offset}")])}).";
    }

    /// <summary>Heads of a layer, with the offset they attend to most among offsets 1 and up, and the mean attention there.</summary>
    private static IReadOnlyList<(int Head, int Offset, double Mass)> StrongestOffsets(ModelResults model, int layer) =>
        [.. model.Attention.ByOffset[layer].Select((offsets, head) =>
        {
            var strongest = offsets.Select((mass, offset) => (Mass: (double)mass, Offset: offset)).Skip(1).MaxBy(entry => entry.Mass);
            return (head, strongest.Offset, strongest.Mass);
        })];

    private static Html Heads(ModelResults model)
    {
        var block = model.Repetition.BlockLength;
        var rows =
            from layer in Enumerable.Range(0, model.Attention.ByOffset.Count)
            from head in Enumerable.Range(0, model.Attention.ByOffset[layer].Count)
            let offsets = model.Attention.ByOffset[layer][head]
            let strongest = Enumerable.Range(1, offsets.Count - 1).MaxBy(offset => offsets[offset])
            select Tables.Texts(
                Labels.Head(model.Configuration.Architecture, layer, head),
                Words.Percent(offsets[0]),
                Words.Percent(offsets[1]),
                offsets.Count > block - 1 ? Words.Percent(offsets[block - 1]) : "–",
                $"{strongest} back: {Words.Percent(offsets[strongest])}",
                Words.Score(model.Circuits.OV.First(circuit => circuit.Head.Equals(new HeadAddress(layer, head))).Scores.Eigenvalues.Score),
                Words.Range(model.Circuits.OV.First(circuit => circuit.Head.Equals(new HeadAddress(layer, head))).Scores.Eigenvalues.Null));
        return Tables.Of(
            $"Mean attention, {Prose.Keys(model)}",
            Tables.Texts("Head", "itself", "1 back", $"{block - 1} back", "most, itself apart", "OV score", "OV score, random weights"),
            rows);
    }

    private static Html SmearWeights(ModelResults model)
    {
        if (model.Smear is not { } shares)
        {
            return Html.Empty;
        }

        var smear = shares.Select(Grids.Matrix).ToArray();

        var rows =
            from layer in Enumerable.Range(0, smear.Length)
            from head in Enumerable.Range(0, smear[layer].Count)
            let weights = smear[layer][head]
            select Tables.Texts(
                Labels.Head(model.Configuration.Architecture, layer, head), Words.Hundredth(weights.Average()), Words.Hundredth(weights.Min()), Words.Hundredth(weights.Max()),
                weights.Average() < 0.5 ? "mostly the letter before" : "mostly the letter itself");
        return Html.Of($"""
            <p>What smearing was learned: the weight {MathMarkup.Inline(MathMarkup.SubSup(MathMarkup.Name("s"), MathMarkup.Name("t"), MathMarkup.Name("h")))} of a key’s own
            letter; the rest goes to the letter before. It starts at {Words.Hundredth(1 / (1 + Math.Exp(-1)))}. The smaller it is, the more a key says “after this letter”.</p>
            {Tables.Of("Learned smear weights over positions", Tables.Texts("Head", "mean", "least", "most", "so a key is"), rows)}
            """);
    }
}
