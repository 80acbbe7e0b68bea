using Interp.Host.Pages;
using Interp.Runs.Results;
using Interp.Runs.Wording;
using static Interp.Host.Pages.MathMarkup;

namespace Interp.Host.Report.Sections;

/// <summary>The model, exactly.</summary>
internal static class ModelSection
{
    public static Section Write(Reproduction run)
    {
        var model = run.Models[0].Configuration;
        return new("model", "The model", "Model", Html.Of($"""
            <p>A decoder with attention and nothing else: no MLP, no layer norm, no biases. A letter’s row of {Inline(Weight("E"))} is the residual stream; each of
            {model.Architecture.NHeads} heads{(run.Models.Any(each => each.Configuration.Architecture.NLayers > 1) ? " a layer" : string.Empty)} adds to it; {Inline(Weight("U"))} reads the logits off.</p>
            {Display(Sub(Name("x"), Name("t")), Operator("="), Weight("E"), Operator("["), Sub(Upright("letter"), Name("t")), Operator("]"))}
            {Display(
                Sub(Name("q"), Name("t")), Operator("="), Sub(Name("x"), Name("t")), HeadWeight("Q"), Operator("+"), Sub(Name("p"), Name("t")), Operator(","), Space,
                Sub(Name("k"), Name("t")), Operator("="), Sub(Name("κ"), Name("t")), Operator("+"), Sub(Name("p"), Name("t")), Operator(","), Space,
                Sub(Name("v"), Name("t")), Operator("="), Sub(Name("x"), Name("t")), HeadWeight("V"))}
            {Display(
                SubSup(Name("A"), Row(Name("t"), Name("u")), Name("h")), Operator("="), Sub(Name("softmax"), Row(Name("u"), Operator("≤"), Name("t"))),
                Operator("("), Fraction(Row(Sub(Name("q"), Name("t")), Operator("·"), Sub(Name("k"), Name("u"))), Root(Sub(Name("d"), Name("head")))), Operator(")"))}
            {Display(
                Sub(Upright("logits"), Name("t")), Operator("="), Operator("("), Sub(Name("x"), Name("t")), Operator("+"), SumOver(Name("h")),
                SumOver(Row(Name("u"), Operator("≤"), Name("t"))), SubSup(Name("A"), Row(Name("t"), Name("u")), Name("h")), Sub(Name("v"), Name("u")), HeadWeight("O"),
                Operator(")"), Weight("U"))}
            <p>The <strong>position code</strong> {Inline(Name("p"))} is added to queries and keys only, never to the residual stream. Every dimension
            {Inline(Name("i"))} has an angle of its own, and row 0 is all zeros:</p>
            {Display(
                Sub(Name("p"), Row(Name("t"), Operator(","), Name("i"))), Operator("="), Name("sin"), Angle, Upright(" for even "), Name("i"), Operator(","))}
            {Display(
                Sub(Name("p"), Row(Name("t"), Operator(","), Name("i"))), Operator("="), Name("cos"), Angle, Upright(" for odd "), Name("i"))}
            <p>With <strong>plain keys</strong> {Inline(Sub(Name("κ"), Name("t")), Operator("="), Sub(Name("x"), Name("t")), HeadWeight("K"))}. With
            <strong>smeared keys</strong> each is mixed with the one before, by a weight learned for each head and position (position 0 is left alone):</p>
            {Display(
                Sub(Name("κ"), Name("t")), Operator("="), Smear, Sub(Name("x"), Name("t")), HeadWeight("K"), Operator("+"),
                Operator("("), Number("1"), Operator("−"), Smear, Operator(")"), Sub(Name("x"), Row(Name("t"), Operator("−"), Number("1"))), HeadWeight("K"), Operator(","), Space,
                Smear, Operator("="), Name("σ"), Operator("("), SubSup(Name("α"), Row(Name("t"), Operator("−"), Number("1")), Name("h")), Operator(")"))}
            {Tables.Of("Training", Tables.Texts("Setting", "Value"), Settings(run), numeric: false)}
            """));
    }

    private static Html Space => Html.Of($"<mspace width=\"1.2em\"></mspace>");

    private static Html Smear => SubSup(Name("s"), Name("t"), Name("h"));

    private static Html Angle => Row(Operator("("), Fraction(Name("t"), Sup(Number("10000"), Row(Number("2"), Name("i"), Operator("/"), Sub(Name("d"), Name("head"))))), Operator(")"));

    private static IEnumerable<IReadOnlyList<Html>> Settings(Reproduction run)
    {
        var model = run.Models[0].Configuration;
        yield return Tables.Texts("Layers", string.Join("; ", run.Models.Select(each => $"{Prose.Keys(each)} {each.Configuration.Architecture.NLayers}")));
        yield return Tables.Texts("Heads a layer", $"{model.Architecture.NHeads}");
        yield return Tables.Texts("Widths", $"d_model {model.Architecture.DModel}, d_head {model.Architecture.DHead}, d_vocab {model.Architecture.DVocab}, n_ctx {model.Architecture.NCtx}");
        yield return Tables.Texts("Weights", string.Join("; ", run.Models.Select(each =>
            $"{Prose.Keys(each)} {Words.Count(ModelModule.matrixParameters(each.Configuration.Architecture) + ModelModule.smearParameters(each.Configuration.Architecture))}"
            + (ModelModule.smearParameters(each.Configuration.Architecture) > 0 ? $" ({Words.Count(ModelModule.matrixParameters(each.Configuration.Architecture))} in matrices, {ModelModule.smearParameters(each.Configuration.Architecture)} smear weights)" : string.Empty))));
        yield return Tables.Texts("Initialisation", $"uniform within ±1/√fan-in: ±1/√{model.Architecture.DVocab} for W_E, ±1/√{model.Architecture.DModel} for the others"
            + (run.Models.Any(each => each.Configuration.Architecture.Smear.IsKeys) ? $"; every α starts at 1, so s at {Words.Hundredth(1 / (1 + Math.Exp(-1)))}" : string.Empty));
        yield return Tables.Texts("Loss", $"mean cross-entropy of each of the {TaskFormModule.size(model.Task).Value.Length - 1} next letters, in nats");
        yield return Tables.Texts("Optimiser", $"AdamW, decoupled decay: learning rate {Words.Setting(model.LearningRate)}, weight decay {model.WeightDecay}, betas {model.Beta1} and {model.Beta2}, epsilon {Words.Setting(model.Epsilon)}");
        yield return Tables.Texts("Data", $"{Words.Count(model.Steps)} steps of {model.Batch} fresh random sequences, seed {model.Seed}");
    }
}
