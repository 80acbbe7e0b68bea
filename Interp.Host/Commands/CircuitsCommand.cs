using Interp.Host.Analyses;
using Interp.Host.Results;
using Interp.Host.Runs;
using Interp.Host.Surroundings;
using Interp.Host.Wording;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary><c>interp circuits</c>: eigenvalues of the direct path and of the OV circuits.</summary>
internal static class CircuitsCommand
{
    public static void Run(World world, CircuitsOptions options)
    {
        var checkpoint = ModelFile.Load(world.Disk, options.Model);
        var terminal = world.Terminal(options.Json);
        var circuits = terminal.Busy("drawing random weights to compare with", () => CircuitAnalysis.Of(checkpoint.Architecture, checkpoint.Weights));
        terminal.Result(
            () => CircuitsJson.Of(circuits, options.Matrices),
            OutputJson.Default.CircuitsJson,
            console =>
            {
                console.Write(Scores(circuits));
                console.Write(Diagonals(circuits));
                console.Write(Values(circuits));
            });
    }

    private static Table Scores(CircuitResults circuits)
    {
        var table = Titled("eigenvalue scores").AddColumns("circuit", "score", "of random weights", "stands");
        foreach (var (name, circuit) in Named(circuits))
        {
            table.AddRow(name, Words.Score(circuit.Score), Words.Null(circuit.Baseline), Words.Standing(circuit.Standing));
        }

        return table;
    }

    private static Table Diagonals(CircuitResults circuits)
    {
        var table = Titled("the diagonal: letters that raise their own logit the most, and its sum")
            .AddColumns("circuit", "letters", "of random weights", "trace", "of random weights", "stands");
        foreach (var (name, circuit) in Named(circuits))
        {
            table.AddRow(
                name,
                Words.Percent(circuit.DiagonalShare.Score),
                $"{Words.Percent(circuit.DiagonalShare.Baseline.P025)} to {Words.Percent(circuit.DiagonalShare.Baseline.P975)}",
                Words.Third(circuit.Trace.Score),
                Words.Null(circuit.Trace.Baseline),
                Words.Standing(circuit.Trace.Standing));
        }

        return table;
    }

    private static Table Titled(string title) => new Table().Border(TableBorder.Rounded).Title(title);

    private static Table Values(CircuitResults circuits)
    {
        var table = Titled("eigenvalues and singular values, largest first")
            .AddColumns(new TableColumn("circuit").NoWrap(), new TableColumn("eigenvalues"), new TableColumn("singular values"));
        foreach (var (name, circuit) in Named(circuits))
        {
            table.AddRow(name, Numbers(circuit), string.Join("  ", circuit.SingularValues.Select(value => value.ToString("0.00"))));
        }

        return table;
    }

    private static IEnumerable<(string Name, Circuit Circuit)> Named(CircuitResults circuits) =>
    [
        ("direct path", circuits.DirectPath),
        .. circuits.OV.Select(head => ($"OV {head.Layer}.{head.Head}", (Circuit)head)),
        .. circuits.OVSum.Select(layer => ($"OV, all of layer {layer.Layer}", (Circuit)layer)),
    ];

    private static string Numbers(Circuit circuit) => string.Join("   ", circuit.Eigenvalues.Select(Number));

    private static string Number(ComplexNumber value)
    {
        var imaginary = Rounded(value.Imaginary);
        var real = Words.Minus(Rounded(value.Real));
        return imaginary == 0 ? real : $"{real} {(imaginary < 0 ? '−' : '+')} {Math.Abs(imaginary)}i";
    }

    /// <summary>Three decimals; adding zero makes negative zero plain zero.</summary>
    private static double Rounded(double value) => Math.Round(value, 3) + 0.0;
}
