using Interp.Host.Explorer;
using Interp.Host.Pages;
using Interp.Pictures;
using Interp.Runs.Results;
using Interp.Runs.Wording;
using static Interp.Host.Pages.MathMarkup;

namespace Interp.Host.Report.Sections;

/// <summary>Eigenvalues and matrices of the direct path and of the OV circuits.</summary>
internal static class CircuitSection
{
    /// <summary>A head whose score is beyond this, either way, is said to copy or to suppress mostly.</summary>
    private const double Copying = 0.5;

    public static Section Write(Reproduction run, FigureMarkup figures, bool isLive) => new("circuits", "Circuits", "Circuits", Html.Of($"""
        <p>With one layer the logits are a sum of {Prose.Number(run.Models[0].Configuration.Architecture.NHeads + 1)} terms, each built on a {run.Models[0].Configuration.Architecture.DVocab} by
        {run.Models[0].Configuration.Architecture.DVocab} table from letters to logits{(run.Models.Any(model => model.Configuration.Architecture.NLayers > 1) ? "; with more there are these terms and others, through heads that read heads" : string.Empty)}. The <strong>direct path</strong> {Inline(Weight("E"), Weight("U"))} reads the
        current letter; head {Inline(Name("h"))}’s <strong>OV circuit</strong> {Inline(Weight("E"), HeadWeight("V"), HeadWeight("O"), Weight("U"))} says what reading a letter
        does to every prediction, wherever the head happens to look.</p>
        <p>An eigenvector with a positive eigenvalue is a mix of letters that makes itself likelier: copying. The study’s score sums that up:</p>
        {Display(Upright("score"), Operator("="), Fraction(Row(Name("Re"), SumOver(Name("i")), Sub(Name("λ"), Name("i"))), Row(SumOver(Name("i")), Operator("|"), Sub(Name("λ"), Name("i")), Operator("|"))))}
        <p>It is 1 if all eigenvalues are positive (copying), −1 if all are negative (suppression). A score means something only beside what it would be by accident:
        under <em>random weights</em> stand its mean ± standard deviation and, in brackets, the 2.5th and 97.5th percentiles over 400 products of random matrices of
        the same shapes, drawn as weights are before training; <em>stands</em> says where this run’s score lies among them.</p>
        {Html.Join(run.Models, Scores)}
        <p class="note">Heads have no order: nothing ties a head of this run to the head of the same number in the study (which counts from 1; here heads count from 0). Compare the sets.</p>
        <h3>Eigenvalues in the complex plane</h3>
        {Html.Join(run.Models, model => figures.Grid(
            3,
            CircuitFigures.Circuits(model).Select(circuit => CircuitFigures.Eigenvalues(model, circuit).Name),
            Html.Of($"<strong>{Labels.Model(model)}.</strong> Blue circles have a positive real part, orange diamonds a negative one; the dotted circle is |λ| = 1. Each panel has its own scale. {Reading(model)}"),
            CommandLines.Circuits(model)))}
        {View.InStory(isLive, "circuits", Html.Of($"Any circuit, opened; the model is the one <a href=\"#try\">chosen above</a>. A row says what reading a letter does."))}
        """),
        Html.Of($"""
        <p>The matrices themselves. Rows are the letter read, columns the letter predicted; blue raises a prediction, orange lowers it. A diagonal stripe is a circuit that treats every letter
        alike: blue copies, orange suppresses.</p>
        {Html.Join(run.Models, model => figures.Grid(
            2,
            CircuitFigures.Circuits(model).Select(circuit => CircuitFigures.Matrix(model, circuit).Name),
            Html.Of($"<strong>{Labels.Model(model)}.</strong> Each heat map has its own scale, centred on 0. {Diagonals(model)}"),
            CommandLines.Matrices(model)))}
        """));

    private static Html Scores(ModelResults model)
    {
        var study = model.Published;
        var rows = model.Circuits.OV
            .Select(head => Tables.Texts(
                $"OV, {Labels.Head(model.Configuration.Architecture, head.Head).ToLowerInvariant()}",
                Words.Score(head.Scores.Eigenvalues.Score),
                Words.Null(head.Scores.Eigenvalues.Null),
                Words.Standing(head.Scores.Eigenvalues.Standing),
                study is not null && head.Head.Layer < study.OVScores.Length && head.Head.Head < study.OVScores[head.Head.Layer].Length ? Words.Score(study.OVScores[head.Head.Layer][head.Head.Head]) : "–",
                Character(head.Scores.Eigenvalues.Score)))
            .Concat(model.Circuits.OVSum.Select(sum => Tables.Texts(
                model.Configuration.Architecture.NLayers == 1 ? "OV, sum of the heads" : $"OV, sum over layer {sum.Layer}",
                Words.Score(sum.Scores.Eigenvalues.Score), Words.Null(sum.Scores.Eigenvalues.Null), Words.Standing(sum.Scores.Eigenvalues.Standing), study?.OVSumScore?.Value is { } published ? Words.Score(published) : "–", Character(sum.Scores.Eigenvalues.Score))))
            .Append(Tables.Texts(
                "Direct path", Words.Score(model.Circuits.DirectPath.Eigenvalues.Score), Words.Null(model.Circuits.DirectPath.Eigenvalues.Null), Words.Standing(model.Circuits.DirectPath.Eigenvalues.Standing),
                study is null ? "–" : Words.Score(study.DirectPathScore), Character(model.Circuits.DirectPath.Eigenvalues.Score)));
        return Tables.Of($"Eigenvalue scores, {Prose.Keys(model)}", Tables.Texts("Circuit", "this run", "random weights", "stands", "the study’s", "which is"), rows);
    }

    private static string Character(double score) => score switch
    {
        >= 0.99 => "copying",
        >= Copying => "mostly copying",
        > -Copying => "mixed",
        > -0.99 => "mostly suppressing",
        _ => "suppressing",
    };

    private static string Reading(ModelResults model)
    {
        var heads = model.Circuits.OV;
        var copying = heads.Count(head => head.Scores.Eigenvalues.Score >= Copying);
        var opposing = heads.Count(head => head.Scores.Eigenvalues.Score <= -Copying);
        var direct = model.Circuits.DirectPath.Spectrum.Eigenvalues;
        return $"{Prose.Capital(Prose.Number(copying))} of {Prose.Count(heads.Length, "head")} mostly {(copying == 1 ? "copies" : "copy")}, {Prose.Number(opposing)} mostly {(opposing == 1 ? "suppresses" : "suppress")}; "
            + $"of the direct path’s {direct.Length} eigenvalues {direct.Count(value => value.Real < 0)} lie on the negative side.";
    }

    private static string Diagonals(ModelResults model) =>
        "Entries on the diagonal, where a letter speaks for or against itself: " + string.Join("; ", CircuitFigures.Circuits(model).Select(circuit =>
        {
            var diagonal = Grids.Matrix(FactoredModule.product(circuit.Circuit.Circuit)).Select((row, index) => (double)row[index]).ToArray();
            return $"{circuit.Title.ToLowerInvariant()}, {diagonal.Count(value => value > 0)} of {diagonal.Length} positive, mean {Words.Minus(Math.Round(diagonal.Average(), 2))}";
        })) + ".";
}
