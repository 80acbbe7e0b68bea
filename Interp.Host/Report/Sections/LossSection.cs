using Interp.Host.Pages;
using Interp.Pictures;
using Interp.Runs.Results;
using Interp.Runs.Wording;

namespace Interp.Host.Report.Sections;

/// <summary>Losses against the floor.</summary>
internal static class LossSection
{
    public static Section Write(Reproduction run, FigureMarkup figures)
    {
        var task = run.Models[0].Repetition;
        return new("losses", "What was learned", "Losses", Html.Of($"""
            {Html.Join(run.Models, Sentence)}
            {Tables.Of(
                "Loss, nats a letter",
                Tables.Texts("Model", "held out", "above the floor", "the study’s", $"first {task.BlockLength - 1} predictions", "the others", "last batch"),
                run.Models.Select(Row))}
            <p class="note">Guessing evenly costs {Words.Nats(Math.Log(task.Letters))}. Nothing better can be done in the first {task.BlockLength - 1} predictions, and
            what a model pays there beyond that is the price of being sure too soon.</p>
            <div class="pair">
            {figures.One(
                "learning-curves",
                Html.Text("Lines: training loss, averaged over windows of steps; dots: held-out loss on the way. The dashed line is the floor; open diamonds mark the study’s final losses."),
                run.Run.Command)}
            {figures.One(
                "loss-by-position",
                Html.Text($"Held-out loss of each predicted letter, over {Words.Count(run.Models[0].Evaluation.Reference.Sequences)} sequences; dotted lines divide the blocks. A model that could find the last occurrence would fall to the dashed line where the second block begins."),
                string.Join(" ; ", run.Models.Select(CommandLines.Evaluate)))}
            </div>
            """));
    }

    /// <summary>"2.6065", "about 1.23"; a dash where none was published.</summary>
    public static string PublishedLoss(ModelResults model) =>
        VariantModule.ofArchitecture(model.Configuration.Architecture)?.Value is { } variant ? Published.value(variant, Quantity.HeldOutLoss).Value.ToString() : "–";

    private static Html Sentence(ModelResults model)
    {
        var (_, rest) = Parts(model);
        var chance = Math.Log(model.Configuration.Architecture.DVocab);
        var meaning = !double.IsFinite(rest)
            ? "what it has learned cannot be told from that"
            : rest < 0.1 * chance
            ? "it has very nearly solved the part that can be solved"
            : rest < 0.4 * chance
                ? "it has learned most of what can be learned, not all"
                : rest < 0.95 * chance
                    ? "it has learned something, but is far from solving the task"
                    : "it has learned next to nothing";
        return Html.Of($"<p><strong>{Labels.Model(model)}.</strong> The held-out loss is {Words.Nats(model.HeldOutLoss)}; the floor is {Words.Nats(model.Floor)}, and this is {Prose.Above(model.HeldOutLoss, model.Floor)}. Where the right letter is determined, the model pays {Words.Nats(rest)} nats of the {Words.Nats(chance)} that guessing would cost: {meaning}.</p>\n");
    }

    private static IReadOnlyList<Html> Row(ModelResults model)
    {
        var (first, rest) = Parts(model);
        return Tables.Texts(
            Labels.Model(model),
            Words.Nats(model.HeldOutLoss),
            Words.Nats(model.HeldOutLoss - model.Floor),
            PublishedLoss(model),
            Words.Nats(first),
            Words.Nats(rest),
            Words.Nats(model.Loss));
    }

    /// <summary>The mean loss of the predictions that are chance, and of those that are determined.</summary>
    private static (double Chance, double Determined) Parts(ModelResults model)
    {
        var losses = model.Evaluation.PerPositionLoss;
        var chance = model.Repetition.BlockLength - 1;
        return (losses.Take(chance).DefaultIfEmpty(0).Average(), losses.Skip(chance).DefaultIfEmpty(0).Average());
    }
}
