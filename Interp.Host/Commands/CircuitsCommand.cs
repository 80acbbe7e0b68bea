using Interp.Host.Drawn;
using Interp.Host.Json;
using Interp.Pictures;
using Interp.Runs.Directories;
using Interp.Runs.Results;
using Interp.Runs.Surroundings;
using Interp.Runs.Wording;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary><c>interp circuits</c>: eigenvalues of the direct path and of the OV circuits.</summary>
internal static class CircuitsCommand
{
    public static void Run(World world, CircuitsOptions options)
    {
        var files = PictureFiles.Of(world.Disk, options.Pictures);
        var checkpoint = ModelFile.Load(world.Disk, options.Model);
        var terminal = world.Terminal(options.Json);
        world.RequireMemory(Memory.ofCircuits(checkpoint.Architecture, options.Matrices), "the circuits");
        var circuits = terminal.Busy("drawing random weights to compare with", () => CircuitScoresModule.ofModel(checkpoint.Weights));
        var positions = PositionScoresModule.ofModel(checkpoint.Architecture.NCtx, checkpoint.Weights);
        var pictures = files.Write(() => CircuitFigures.Of(circuits));
        terminal.Result(
            () => CircuitJson.Of(circuits, positions, options.Matrices).With(Values.Pictures(pictures)),
            console =>
            {
                if (options.Maps && TerminalMap.IsPossible(console))
                {
                    ShowMaps(console, circuits);
                }

                console.Write(Scores(circuits));
                console.Write(Diagonals(circuits));
                console.Write(Eigenvalues(circuits));
                if (checkpoint.Architecture.Positions.IsNoPositions)
                {
                    Terminal.Line(console, "Positions: none, so that no attention score depends on them.");
                }
                else if (!positions.IsEmpty)
                {
                    console.Write(ByPosition(positions, checkpoint.Architecture.Positions));
                }

                PictureFiles.Show(console, pictures);
            });
    }

    /// <summary>Every circuit's matrix, letters read by letters predicted, on one scale.</summary>
    private static void ShowMaps(IAnsiConsole console, ScoredCircuits circuits)
    {
        var matrices = Named(circuits).Select(named => (named.Name, Cells: HeatMap.Cells(Grids.Matrix(FactoredModule.product(named.Circuit.Circuit))))).ToArray();
        var range = Extent.AroundZero(matrices.SelectMany(named => HeatMap.Values(named.Cells)));
        TerminalMap.Write(
            console,
            $"From letters read (rows) to logits of letters predicted (columns): blue raises, orange lowers, up to {Words.Tenth(range.High)}.",
            [.. matrices.Select(named => new SmallMap(named.Name, [.. named.Cells.Select(row => (IReadOnlyList<double?>)[.. row.Select(value => value is { } x && double.IsFinite(x) ? range.Place(x) : (double?)null)])]))],
            diverging: true);
    }

    private static Table Scores(ScoredCircuits circuits)
    {
        var table = Titled("eigenvalue scores").AddColumns("circuit", "score", "of random weights", "stands");
        foreach (var (name, circuit) in Named(circuits))
        {
            table.AddRow(name, Words.Score(circuit.Eigenvalues.Score), Words.Null(circuit.Eigenvalues.Null), Words.Standing(circuit.Eigenvalues.Standing));
        }

        return table;
    }

    private static Table Diagonals(ScoredCircuits circuits)
    {
        var table = Titled("the diagonal: letters that raise their own logit the most, and its sum")
            .AddColumns("circuit", "letters", "of random weights", "trace", "of random weights", "stands");
        foreach (var (name, circuit) in Named(circuits))
        {
            table.AddRow(
                name,
                Words.Percent(circuit.DiagonalShare.Score),
                $"{Words.Percent(circuit.DiagonalShare.Null.P025)} to {Words.Percent(circuit.DiagonalShare.Null.P975)}",
                Words.Third(circuit.Trace.Score),
                Words.Null(circuit.Trace.Null),
                Words.Standing(circuit.Trace.Standing));
        }

        return table;
    }

    private static Table Titled(string title) => new Table().Border(TableBorder.Rounded).Title(title);

    /// <summary>What positions alone add to scores: a constant added to all keys changes no attention, so scores are shown less their mean.</summary>
    private static Table ByPosition(IEnumerable<PositionScores> heads, Positions positions)
    {
        var table = Titled($"attention scores over positions, the mean of all letters, by how far back the key is (positions: {positions})")
            .AddColumns("head", "most at", "score above the mean", "least at", "score below the mean");
        foreach (var head in heads)
        {
            var mean = head.ByOffset.Average();
            var (most, least) = (head.ByOffset.Index().MaxBy(score => score.Item), head.ByOffset.Index().MinBy(score => score.Item));
            table.AddRow(head.Head.ToString(), Back(most.Index), Words.Third(most.Item - mean), Back(least.Index), Words.Third(mean - least.Item));
        }

        return table;
    }

    private static string Back(int offset) => offset == 0 ? "self" : $"{offset} back";

    private static Table Eigenvalues(ScoredCircuits circuits)
    {
        var table = Titled("eigenvalues and singular values, largest first")
            .AddColumns(new TableColumn("circuit").NoWrap(), new TableColumn("eigenvalues"), new TableColumn("singular values"));
        foreach (var (name, circuit) in Named(circuits))
        {
            table.AddRow(name, Numbers(circuit), string.Join("  ", circuit.SingularValues.Select(Words.Hundredth)));
        }

        return table;
    }

    private static IEnumerable<(string Name, CircuitScores Circuit)> Named(ScoredCircuits circuits) =>
    [
        ("direct path", circuits.DirectPath),
        .. circuits.OV.Select(head => ($"OV {head.Head}", head.Scores)),
        .. circuits.OVSum.Select(layer => ($"OV, all of layer {layer.Layer}", layer.Scores)),
    ];

    private static string Numbers(CircuitScores circuit) => string.Join("   ", circuit.Spectrum.Eigenvalues.Select(Number));

    private static string Number(System.Numerics.Complex value)
    {
        var imaginary = Rounded(value.Imaginary);
        var real = Words.Minus(Rounded(value.Real));
        return imaginary == 0 ? real : $"{real} {(imaginary < 0 ? '−' : '+')} {Math.Abs(imaginary)}i";
    }

    /// <summary>Three decimals; adding zero makes negative zero plain zero.</summary>
    private static double Rounded(double value) => Math.Round(value, 3) + 0.0;
}
