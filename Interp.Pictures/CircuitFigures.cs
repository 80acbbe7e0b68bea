using Interp.Runs.Results;
using Interp.Runs.Wording;

namespace Interp.Pictures;

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
    public static IReadOnlyList<NamedCircuit> Circuits(ModelResults model) => Circuits(model.Circuits);

    /// <summary>The same of circuits by themselves.</summary>
    public static IReadOnlyList<NamedCircuit> Circuits(ScoredCircuits circuits) =>
    [
        .. circuits.OV.Select(head => new NamedCircuit(
            $"ov-{head.Head.Layer}-{head.Head.Head}", Labels.Head(circuits.OVSum.Length, head.Head), "W_E W_V W_O W_U", head.Scores)),
        .. circuits.OVSum.Select(sum => new NamedCircuit(
            $"ov-sum-{sum.Layer}", Labels.Layer(circuits.OVSum.Length, sum.Layer), "sum of W_E W_V W_O W_U", sum.Scores)),
        new NamedCircuit("direct", "Direct path", "W_E W_U", circuits.DirectPath),
    ];

    /// <summary>All circuits of a model: their eigenvalues together, then of each, then the matrices.</summary>
    public static IReadOnlyList<Figure> Of(ScoredCircuits circuits)
    {
        var all = Circuits(circuits);
        return
        [
            Together(all),
            .. all.Select(circuit => Eigenvalues(string.Empty, string.Empty, circuit)),
            .. all.Select(circuit => Matrix(string.Empty, string.Empty, circuit)),
        ];
    }

    public static Figure Eigenvalues(ModelResults model, NamedCircuit circuit) => Eigenvalues($"{model.Name}-", $"{Labels.Model(model)}, ", circuit);

    public static Figure Matrix(ModelResults model, NamedCircuit circuit) => Matrix($"{model.Name}-", $"{Labels.Model(model)}, ", circuit);

    private static Figure Together(IReadOnlyList<NamedCircuit> circuits) => new(
        "circuits",
        "Eigenvalues of all circuits in the complex plane. "
        + string.Join("; ", circuits.Select(circuit => $"{circuit.Title}: score {Words.Score(circuit.Circuit.Eigenvalues.Score)}, 95 % of random weights {Words.Range(circuit.Circuit.Eigenvalues.Null)}")) + ".",
        720, 130 + (54 * circuits.Count),
        () => DrawTogether(circuits));

    /// <summary>A strip for each circuit: real parts across; of imaginary ones, how they compare with the largest of all parts.</summary>
    private static Drawing DrawTogether(IReadOnlyList<NamedCircuit> circuits)
    {
        const double Height = 0.42;
        var drawing = new Drawing("Eigenvalues of all circuits", "real part (above and below a line: imaginary part)", string.Empty);
        var values = circuits.SelectMany(circuit => circuit.Circuit.Spectrum.Eigenvalues).ToArray();
        var reach = Extent.AroundZero(values.SelectMany(value => new[] { value.Real, value.Imaginary }).Append(1.0));
        drawing.Upright(0, 1.2f, Palette.Muted);
        foreach (var (index, circuit) in circuits.Index())
        {
            var line = circuits.Count - 1.0 - index;
            drawing.Across(line, 1f, Palette.Rule);
            foreach (var value in circuit.Circuit.Spectrum.Eigenvalues)
            {
                var color = value.Real > 0 ? Palette.Raises : value.Real < 0 ? Palette.Lowers : Palette.Neither;
                drawing.Mark(value.Real, line + (Height * value.Imaginary / reach.High), Palette.ShapeOf(0), 10, color.WithAlpha(0.7));
            }
        }

        Canvas.Ticks(
            drawing.Axes.Left,
            circuits.Select((circuit, index) => (circuits.Count - 1.0 - index, $"{circuit.Title}: {Words.Score(circuit.Circuit.Eigenvalues.Score)}")));
        drawing.Show(reach.Padded(0.04, 0.04), Extent.Between(-0.6, circuits.Count - 0.4));
        drawing.HideGridAcross();
        return drawing;
    }

    private static Figure Eigenvalues(string prefix, string whose, NamedCircuit circuit)
    {
        var (values, score) = (circuit.Circuit.Spectrum.Eigenvalues, circuit.Circuit.Eigenvalues);
        var positive = values.Count(value => value.Real > 0);
        return new(
            $"{prefix}eigenvalues-{circuit.Id}",
            $"{whose}{circuit.Title}: {values.Length} eigenvalues in the complex plane, {positive} with a positive real part; score {Words.Score(score.Score)}, 95 % of random weights {Words.Range(score.Null)}.",
            PanelWidth, 400,
            () => DrawEigenvalues($"{circuit.Title}: score {Words.Score(score.Score)}", $"real part (random weights’ score: {Words.Range(score.Null)})", values));
    }

    private static Figure Matrix(string prefix, string whose, NamedCircuit circuit)
    {
        var rows = Grids.Matrix(FactoredModule.product(circuit.Circuit.Circuit));
        var cells = HeatMap.Cells(rows);
        var range = Extent.AroundZero(HeatMap.Values(cells));
        var diagonal = rows.Select((row, index) => row[index]).ToArray();
        return new(
            $"{prefix}matrix-{circuit.Id}",
            $"{whose}{circuit.Title}: {circuit.Formula} as a heat map of {rows.Count} source letters by {rows[0].Count} predicted letters; "
            + $"{diagonal.Count(value => value > 0)} of {diagonal.Length} entries on the diagonal are positive, values reach {Words.Tenth(range.High)} either way.",
            540, 500,
            () => DrawMatrix(circuit.Title, cells, range));
    }

    private static Drawing DrawEigenvalues(string title, string x, IReadOnlyList<System.Numerics.Complex> values)
    {
        var drawing = new Drawing(title, x, "imaginary part");
        // Those near the largest double have no magnitude of their own.
        var reach = Extent.AroundZero(values.SelectMany(value => new[] { value.Real, value.Imaginary, value.Magnitude }).Append(1.0)).Padded(0.09, 0.09);
        drawing.Across(0, 1.2f, Palette.Muted);
        drawing.Upright(0, 1.2f, Palette.Muted);
        drawing.Ring(1, 1.2f, Palette.Muted, LinePattern.Dotted);
        foreach (var value in values)
        {
            var color = value.Real > 0 ? Palette.Raises : value.Real < 0 ? Palette.Lowers : Palette.Neither;
            var shape = value.Real < 0 ? MarkerShape.FilledDiamond : MarkerShape.FilledCircle;
            if (drawing.Mark(value.Real, value.Imaginary, shape, 13, color.WithAlpha(0.75)) is { } marker)
            {
                marker.MarkerLineColor = Palette.Paper;
                marker.MarkerLineWidth = 1;
            }
        }

        drawing.SquareUnits();
        drawing.Show(reach, reach);
        return drawing;
    }

    private static Drawing DrawMatrix(string title, IReadOnlyList<IReadOnlyList<double?>> rows, Extent range)
    {
        var drawing = HeatMap.Draw(title, "letter predicted", "letter read", "logit", rows, Palette.Diverging, range, Letters(rows.Count), Letters(rows[0].Count));
        Canvas.Ticks(drawing.Axes.Bottom, LetterTicks(rows[0].Count), 13);
        Canvas.Ticks(drawing.Axes.Left, LetterTicks(rows.Count).Select(tick => (HeatMap.RowHeight(rows.Count, tick.Position), tick.Label)), 13);
        return drawing;
    }

    private static string[] Letters(int count) => [.. Enumerable.Range(0, count).Select(Labels.Letter)];

    private static IEnumerable<(double Position, string Label)> LetterTicks(int count)
    {
        var stride = 1 + ((count - 1) / 32);
        return Enumerable.Range(0, count).Where(token => token % stride == 0).Select(token => ((double)token, Labels.Letter(token)));
    }
}
