using Interp.Runs.Results;
using Interp.Runs.Wording;

namespace Interp.Pictures;

/// <summary>The losses of one run.</summary>
/// <param name="Label">What the legend calls it.</param>
/// <param name="Training">The loss of each step's batch, in the order of the steps; steps may be missing.</param>
/// <param name="HeldOut">Held-out losses on the way.</param>
/// <param name="Floor">The loss that no model can go below; null where it is not known.</param>
internal sealed record LossCurve(string Label, IReadOnlyList<HeldOutLoss> Training, IReadOnlyList<HeldOutLoss> HeldOut, double? Floor);

/// <summary>Learning curves and the loss by position, all models in one picture.</summary>
internal static class LossFigures
{
    private const int Width = 540;
    private const int Height = 420;

    public static Figure LearningCurves(IReadOnlyList<ModelResults> models) => new(
        "learning-curves",
        "Training loss against step. " + string.Join(" ", models.Select(model =>
            $"{Labels.Model(model)}: from {Words.Nats(model.TrainingLosses.FirstOrDefault(double.NaN))} to {Words.Nats(model.TrainingLosses.LastOrDefault(double.NaN))} nats.")) + $" Floor: {Words.Nats(models[0].Floor)}.",
        Width, Height,
        () => DrawCurves(models));

    public static Figure ByPosition(IReadOnlyList<ModelResults> models) => new(
        "loss-by-position",
        "Held-out loss of each predicted letter. " + string.Join(" ", models.Select(model =>
            $"{Labels.Model(model)}: {string.Join(", ", model.Evaluation.PerPositionLoss.Select(loss => Words.Hundredth(loss)))}.")),
        Width, Height,
        () => DrawByPosition(models));

    /// <summary>The learning curves of any runs, finished or not.</summary>
    public static Figure Curves(IReadOnlyList<LossCurve> runs) => new(
        "loss-curves",
        "Training loss against step: " + string.Join(", ", runs.Select(run => run.Label)) + ".",
        Width, Height,
        () => DrawCurves(runs));

    private static Drawing DrawCurves(IReadOnlyList<LossCurve> runs)
    {
        var drawing = new Drawing("Loss curves", "training step", "loss (nats a letter)");
        Floors(drawing, runs.Select(run => run.Floor).OfType<double>());
        var shown = new List<(double Step, double Loss)>();
        foreach (var (index, run) in runs.Index())
        {
            var color = Palette.Of(index);
            var smooth = run.Training
                .Chunk(Math.Max(1, run.Training.Count / 250))
                .Select(chunk => (Step: chunk.Average(point => point.Step), Mean: chunk.Average(point => point.Loss)))
                .ToArray();
            var curve = drawing.Curve(smooth, color, run.HeldOut.Count > 0 ? $"{run.Label}: {Words.Nats(run.HeldOut[^1].Loss)}" : run.Label);
            curve.LineWidth = 2.6f;
            var heldOut = drawing.Points(run.HeldOut.Select(point => ((double)point.Step, point.Loss)), color);
            heldOut.Name = $"{Quote.text(run.Label)}, held out";
            heldOut.MarkerShape = Palette.ShapeOf(index);
            heldOut.MarkerSize = 6;
            shown.AddRange(smooth);
        }

        Limits(drawing, shown, runs.Select(run => run.Floor).OfType<double>());
        drawing.LegendBelow();
        return drawing;
    }

    private static Drawing DrawCurves(IReadOnlyList<ModelResults> models)
    {
        var drawing = new Drawing("Learning curves", "training step", "loss (nats a letter)");
        var steps = models.Max(model => model.TrainingLosses.Count);
        Floors(drawing, models.Select(model => model.Floor));
        foreach (var model in models)
        {
            var color = ModelColor(model);
            var curve = drawing.Curve(Smooth(model.TrainingLosses), color, $"{Labels.Model(model)}: {Words.Nats(model.HeldOutLoss)}");
            curve.LineWidth = 2.6f;
            var heldOut = drawing.Points(model.HeldOutLosses.Select(point => ((double)point.Step, point.Loss)), color);
            heldOut.Name = $"{Labels.Model(model)}, held out";
            heldOut.MarkerShape = MarkerShape.FilledCircle;
            heldOut.MarkerSize = 6;
            if (model.Published is { } study
                && drawing.Mark(
                    steps, study.Loss, MarkerShape.OpenDiamond, 13, color, $"the study’s: {(study.LossIsApproximate ? "about " : string.Empty)}{Words.Exact(study.Loss)}") is { } mark)
            {
                mark.MarkerLineWidth = 2.4f;
            }
        }

        Limits(drawing, models.SelectMany(model => Smooth(model.TrainingLosses)), models.Select(model => model.Floor));
        drawing.LegendBelow();
        return drawing;
    }

    private static void Floors(Drawing drawing, IEnumerable<double> floors)
    {
        foreach (var floor in floors.Distinct())
        {
            drawing.Across(floor, 2, Palette.Ink, LinePattern.Dashed);
            drawing.Note($"floor {Words.Nats(floor)}", 0, floor, Palette.Ink, Alignment.LowerLeft);
        }
    }

    /// <summary>All curves and floors, from step 0 and loss 0 on.</summary>
    private static void Limits(Drawing drawing, IEnumerable<(double Step, double Loss)> curves, IEnumerable<double> floors)
    {
        var points = curves.ToArray();
        drawing.Show(
            Extent.FromZero(points.Select(point => point.Step)).Padded(0.01, 0.03),
            Extent.FromZero([.. points.Select(point => point.Loss), .. floors]).Padded(0, 0.08));
    }

    private static Drawing DrawByPosition(IReadOnlyList<ModelResults> models)
    {
        var drawing = new Drawing("Loss by position", "letter predicted (the first is letter 0)", "loss (nats)");
        var task = models[0].Repetition;
        var chance = Math.Log(task.Letters);
        // The best that can be done: chance until the pattern has been seen once, nothing after.
        var floor = drawing.Curve([(0.5, chance), (task.BlockLength - 0.5, chance), (task.BlockLength - 0.5, 0), (task.Length - 0.5, 0)], Palette.Ink, "floor");
        floor.LinePattern = LinePattern.Dashed;
        floor.LineWidth = 2;
        for (var edge = task.BlockLength; edge < task.Length; edge += task.BlockLength)
        {
            drawing.Upright(edge - 0.5, 1, Palette.Muted.WithAlpha(0.5), LinePattern.Dotted);
        }

        foreach (var model in models)
        {
            var curve = drawing.Line(model.Evaluation.PerPositionLoss.Select((loss, index) => (index + 1.0, loss)), ModelColor(model), Labels.Model(model));
            curve.LineWidth = 2.4f;
            curve.MarkerShape = model.Configuration.Architecture.NLayers > 1 ? MarkerShape.FilledSquare : model.Configuration.Architecture.Smear.IsKeys ? MarkerShape.FilledDiamond : MarkerShape.FilledCircle;
            curve.MarkerSize = 9;
        }

        var block = task.BlockLength;
        Canvas.Ticks(drawing.Axes.Bottom, Enumerable.Range(1, task.Length - 1)
            .Where(position => position == 1 || position % block == 0 || position == task.Length - 1)
            .Select(position => ((double)position, position.ToString())));
        drawing.Show(
            Extent.Between(0.4, task.Length - 0.4),
            Extent.FromZero([.. models.SelectMany(model => model.Evaluation.PerPositionLoss), chance]).Padded(0.04, 0.2));
        drawing.Legend(Alignment.UpperRight);
        return drawing;
    }

    private static Color ModelColor(ModelResults model) => Palette.Of(model.Configuration.Architecture.NLayers > 1 ? 2 : model.Configuration.Architecture.Smear.IsKeys ? 1 : 0);

    /// <summary>Means over windows of equal length, about 250 of them, each at the middle of its window; a short run is left as it is.</summary>
    private static IReadOnlyList<(double Step, double Mean)> Smooth(IReadOnlyList<double> losses)
    {
        var window = Math.Max(1, losses.Count / 250);
        return [.. losses.Chunk(window).Select((chunk, index) => ((index * window) + ((chunk.Length + 1) / 2.0), chunk.Average()))];
    }
}
