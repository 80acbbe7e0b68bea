using Interp.Host.Results;
using Interp.Host.Wording;
using ScottPlot;

namespace Interp.Host.Figures;

/// <summary>A circuit with the names it goes by.</summary>
/// <param name="Id">The end of its figures' names.</param>
/// <param name="Title">What it is called.</param>
/// <param name="Formula">The product of weights, in plain text.</param>
/// <param name="Circuit">What was measured on it.</param>
internal sealed record NamedCircuit(string Id, string Title, string Formula, CircuitScores Circuit);

/// <summary>Eigenvalues in the complex plane, and the circuits' matrices.</summary>
internal static class CircuitFigures
{
    private const int PanelWidth = 430;

    /// <summary>Every circuit of a model: each head's, then the sums, then the direct path.</summary>
    public static IReadOnlyList<NamedCircuit> Circuits(ModelResults model) =>
    [
        .. model.Circuits.OV.Select(head => new NamedCircuit(
            $"ov-{head.Head.Layer}-{head.Head.Head}", Labels.Head(model.Configuration.Architecture, head.Head), "W_E W_V W_O W_U", head.Scores)),
        .. model.Circuits.OVSum.Select(sum => new NamedCircuit(
            $"ov-sum-{sum.Layer}", Labels.Layer(model.Configuration.Architecture, sum.Layer), "sum of W_E W_V W_O W_U", sum.Scores)),
        new NamedCircuit("direct", "Direct path", "W_E W_U", model.Circuits.DirectPath),
    ];

    public static Figure Eigenvalues(ModelResults model, NamedCircuit circuit)
    {
        var (values, score) = (circuit.Circuit.Spectrum.Eigenvalues, circuit.Circuit.Eigenvalues);
        var positive = values.Count(value => value.Real > 0);
        return new(
            $"{model.Name}-eigenvalues-{circuit.Id}",
            $"{Labels.Model(model)}, {circuit.Title}: {values.Length} eigenvalues in the complex plane, {positive} with a positive real part; score {Words.Score(score.Score)}, 95 % of random weights {Words.Range(score.Null)}.",
            PanelWidth, 400,
            () => DrawEigenvalues($"{circuit.Title}: score {Words.Score(score.Score)}", $"real part (random weights’ score: {Words.Range(score.Null)})", values));
    }

    public static Figure Matrix(ModelResults model, NamedCircuit circuit)
    {
        var rows = Grids.Matrix(FactoredModule.product(circuit.Circuit.Circuit));
        var largest = Math.Max(rows.Max(row => row.Max(Math.Abs)), float.Epsilon);
        var diagonal = rows.Select((row, index) => row[index]).ToArray();
        return new(
            $"{model.Name}-matrix-{circuit.Id}",
            $"{Labels.Model(model)}, {circuit.Title}: {circuit.Formula} as a heat map of {rows.Count} source letters by {rows[0].Count} predicted letters; "
            + $"{diagonal.Count(value => value > 0)} of {diagonal.Length} entries on the diagonal are positive, values reach {largest:0.0} either way.",
            540, 500,
            () => DrawMatrix(circuit.Title, rows, largest));
    }

    private static Plot DrawEigenvalues(string title, string x, IReadOnlyList<System.Numerics.Complex> values)
    {
        var plot = Canvas.New(title, x, "imaginary part");
        var reach = 1.18 * Math.Max(values.Max(value => value.Magnitude), 1.0);
        plot.Add.HorizontalLine(0, 1.2f, Palette.Muted);
        plot.Add.VerticalLine(0, 1.2f, Palette.Muted);
        var unit = plot.Add.Circle(0, 0, 1);
        unit.FillColor = Colors.Transparent;
        unit.LineColor = Palette.Muted;
        unit.LineWidth = 1.2f;
        unit.LinePattern = LinePattern.Dotted;
        foreach (var value in values)
        {
            var color = value.Real > 0 ? Palette.Raises : value.Real < 0 ? Palette.Lowers : Palette.Neither;
            var shape = value.Real < 0 ? MarkerShape.FilledDiamond : MarkerShape.FilledCircle;
            var marker = plot.Add.Marker(value.Real, value.Imaginary, shape, 13, color.WithAlpha(0.75));
            marker.MarkerLineColor = Palette.Paper;
            marker.MarkerLineWidth = 1;
        }

        plot.Axes.SquareUnits();
        plot.Axes.SetLimits(-reach, reach, -reach, reach);
        return plot;
    }

    private static Plot DrawMatrix(string title, IReadOnlyList<IReadOnlyList<float>> rows, float largest)
    {
        var plot = HeatMap.Draw(
            title, "letter predicted", "letter read", "logit", rows, Palette.Diverging, new ScottPlot.Range(-largest, largest));
        Canvas.Ticks(plot.Axes.Bottom, LetterTicks(rows[0].Count), 13);
        Canvas.Ticks(plot.Axes.Left, LetterTicks(rows.Count).Select(tick => (HeatMap.RowHeight(rows.Count, tick.Position), tick.Label)), 13);
        return plot;
    }

    private static IEnumerable<(double Position, string Label)> LetterTicks(int count)
    {
        var stride = 1 + ((count - 1) / 32);
        return Enumerable.Range(0, count).Where(token => token % stride == 0).Select(token => ((double)token, Labels.Letter(token)));
    }
}
