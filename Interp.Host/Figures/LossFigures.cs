using Interp.Host.Results;
using Interp.Host.Wording;
using ScottPlot;

namespace Interp.Host.Figures;

/// <summary>The losses of one run.</summary>
/// <param name="Label">What the legend calls it.</param>
/// <param name="Training">The loss of each step's batch, in the order of the steps; steps may be missing.</param>
/// <param name="HeldOut">Held-out losses on the way.</param>
/// <param name="Floor">The loss that no model can go below.</param>
internal sealed record LossCurve(string Label, IReadOnlyList<HeldOutLoss> Training, IReadOnlyList<HeldOutLoss> HeldOut, double Floor);

/// <summary>Learning curves and the loss by position, all models in one picture.</summary>
internal static class LossFigures
{
    private const int Width = 540;
    private const int Height = 420;

    public static Figure LearningCurves(IReadOnlyList<ModelResults> models) => new(
        "learning-curves",
        "Training loss against step. " + string.Join(" ", models.Select(model =>
            $"{Labels.Model(model)}: from {Words.Nats(model.TrainingLosses[0])} to {Words.Nats(model.TrainingLosses[^1])} nats.")) + $" Floor: {Words.Nats(models[0].Floor)}.",
        Width, Height,
        () => DrawCurves(models));

    public static Figure ByPosition(IReadOnlyList<ModelResults> models) => new(
        "loss-by-position",
        "Held-out loss of each predicted letter. " + string.Join(" ", models.Select(model =>
            $"{Labels.Model(model)}: {string.Join(", ", model.Evaluation.PerPositionLoss.Select(loss => loss.ToString("0.00")))}.")),
        Width, Height,
        () => DrawByPosition(models));

    /// <summary>The learning curves of any runs, finished or not.</summary>
    public static Figure Curves(IReadOnlyList<LossCurve> runs) => new(
        "loss-curves",
        "Training loss against step: " + string.Join(", ", runs.Select(run => run.Label)) + ".",
        Width, Height,
        () => DrawCurves(runs));

    private static Plot DrawCurves(IReadOnlyList<LossCurve> runs)
    {
        var plot = Canvas.New("Loss curves", "training step", "loss (nats a letter)");
        foreach (var floor in runs.Select(run => run.Floor).Distinct())
        {
            plot.Add.HorizontalLine(floor, 2, Palette.Ink, LinePattern.Dashed);
            Canvas.Note(plot, $"floor {Words.Nats(floor)}", 0, floor, Palette.Ink, Alignment.LowerLeft);
        }

        var top = runs.Max(run => run.Floor);
        for (var index = 0; index < runs.Count; index++)
        {
            var run = runs[index];
            var color = Palette.Of(index);
            var smooth = run.Training
                .Chunk(Math.Max(1, run.Training.Count / 250))
                .Select(chunk => (Step: chunk.Average(point => point.Step), Mean: chunk.Average(point => point.Loss)))
                .ToArray();
            var curve = plot.Add.ScatterLine(smooth.Select(point => point.Step).ToArray(), smooth.Select(point => point.Mean).ToArray(), color);
            curve.LineWidth = 2.6f;
            curve.LegendText = run.HeldOut.Count > 0 ? $"{run.Label}: {Words.Nats(run.HeldOut[^1].Loss)}" : run.Label;
            var heldOut = plot.Add.ScatterPoints(
                run.HeldOut.Select(point => (double)point.Step).ToArray(), run.HeldOut.Select(point => point.Loss).ToArray(), color);
            heldOut.MarkerShape = Palette.ShapeOf(index);
            heldOut.MarkerSize = 6;
            top = Math.Max(top, smooth.Select(point => point.Mean).DefaultIfEmpty(0).Max());
        }

        var steps = Math.Max(1, runs.Max(run => run.Training.Count > 0 ? run.Training[^1].Step : 0));
        plot.Axes.SetLimits(-0.01 * steps, 1.03 * steps, 0, top * 1.08);
        Canvas.LegendBelow(plot);
        return plot;
    }

    private static Plot DrawCurves(IReadOnlyList<ModelResults> models)
    {
        var plot = Canvas.New("Learning curves", "training step", "loss (nats a letter)");
        var steps = models.Max(model => model.TrainingLosses.Count);
        foreach (var floor in models.Select(model => model.Floor).Distinct())
        {
            plot.Add.HorizontalLine(floor, 2, Palette.Ink, LinePattern.Dashed);
            Canvas.Note(plot, $"floor {Words.Nats(floor)}", 0, floor, Palette.Ink, Alignment.LowerLeft);
        }

        for (var index = 0; index < models.Count; index++)
        {
            var model = models[index];
            var color = ModelColor(model);
            var smooth = Smooth(model.TrainingLosses);
            var curve = plot.Add.ScatterLine(smooth.Select(point => point.Step).ToArray(), smooth.Select(point => point.Mean).ToArray(), color);
            curve.LineWidth = 2.6f;
            curve.LegendText = $"{Labels.Model(model)}: {Words.Nats(model.HeldOutLoss)}";
            var heldOut = plot.Add.ScatterPoints(
                model.HeldOutLosses.Select(point => (double)point.Step).ToArray(), model.HeldOutLosses.Select(point => point.Loss).ToArray(), color);
            heldOut.MarkerShape = MarkerShape.FilledCircle;
            heldOut.MarkerSize = 6;
            if (model.Published is { } study)
            {
                var mark = plot.Add.Marker(steps, study.Loss, MarkerShape.OpenDiamond, 13, color);
                mark.MarkerLineWidth = 2.4f;
                mark.LegendText = $"the study’s: {(study.LossIsApproximate ? "about " : string.Empty)}{study.Loss}";
            }
        }

        var top = models.Max(model => Smooth(model.TrainingLosses).Max(point => point.Mean));
        plot.Axes.SetLimits(-0.01 * steps, 1.03 * steps, 0, top * 1.08);
        Canvas.LegendBelow(plot);
        return plot;
    }

    private static Plot DrawByPosition(IReadOnlyList<ModelResults> models)
    {
        var plot = Canvas.New("Loss by position", "letter predicted (the first is letter 0)", "loss (nats)");
        var task = models[0].Configuration.Task;
        var chance = Math.Log(task.Letters);
        // The best that can be done: chance until the pattern has been seen once, nothing after.
        var floor = plot.Add.ScatterLine(
            new double[] { 0.5, task.BlockLength - 0.5, task.BlockLength - 0.5, task.Length - 0.5 },
            new double[] { chance, chance, 0, 0 },
            Palette.Ink);
        floor.LinePattern = LinePattern.Dashed;
        floor.LineWidth = 2;
        floor.LegendText = "floor";
        for (var edge = task.BlockLength; edge < task.Length; edge += task.BlockLength)
        {
            plot.Add.VerticalLine(edge - 0.5, 1, Palette.Muted.WithAlpha(0.5), LinePattern.Dotted);
        }

        foreach (var model in models)
        {
            var losses = model.Evaluation.PerPositionLoss;
            var positions = Enumerable.Range(1, losses.Length).Select(position => (double)position).ToArray();
            var curve = plot.Add.Scatter(positions, losses.ToArray(), ModelColor(model));
            curve.LineWidth = 2.4f;
            curve.MarkerShape = model.Configuration.Architecture.NLayers > 1 ? MarkerShape.FilledSquare : model.Configuration.Architecture.Smeared ? MarkerShape.FilledDiamond : MarkerShape.FilledCircle;
            curve.MarkerSize = 9;
            curve.LegendText = Labels.Model(model);
        }

        var block = task.BlockLength;
        Canvas.Ticks(plot.Axes.Bottom, Enumerable.Range(1, task.Length - 1)
            .Where(position => position == 1 || position % block == 0 || position == task.Length - 1)
            .Select(position => ((double)position, position.ToString())));
        plot.Axes.SetLimits(0.4, task.Length - 0.4, -0.15, 1.2 * models.Max(model => model.Evaluation.PerPositionLoss.Max()));
        Canvas.Legend(plot, Alignment.UpperRight);
        return plot;
    }

    private static Color ModelColor(ModelResults model) => Palette.Of(model.Configuration.Architecture.NLayers > 1 ? 2 : model.Configuration.Architecture.Smeared ? 1 : 0);

    /// <summary>Means over windows of equal length, about 250 of them, each at the middle of its window; a short run is left as it is.</summary>
    private static IReadOnlyList<(double Step, double Mean)> Smooth(IReadOnlyList<double> losses)
    {
        var window = Math.Max(1, losses.Count / 250);
        return [.. losses.Chunk(window).Select((chunk, index) => ((index * window) + ((chunk.Length + 1) / 2.0), chunk.Average()))];
    }
}
