using Interp.Host.Files;
using Interp.Host.Results;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary><c>interp circuits</c>: eigenvalues of the direct path and of the OV circuits.</summary>
internal static class CircuitsCommand
{
    public static void Run(CircuitsOptions options)
    {
        var checkpoint = ModelFile.Load(options.Model);
        var circuits = Of(checkpoint.Architecture, checkpoint.Weights);
        new Terminal(options.Json).Result(
            () => CircuitsJson.Of(circuits, options.Matrices), OutputJson.Default.CircuitsJson, console => console.Write(Table(circuits)));
    }

    /// <summary>Every circuit of a model: score, eigenvalues and matrix.</summary>
    public static CircuitResults Of(Architecture architecture, Model<Tensor> weights)
    {
        var spectra = Circuits.spectra(weights);
        return new()
        {
            DirectPath = new()
            {
                Score = spectra.DirectPath.Score,
                Eigenvalues = Numbers(spectra.DirectPath),
                Matrix = Matrix(FactoredModule.product(Circuits.directPath(weights))),
            },
            OV = [.. spectra.OV.Select(head => new HeadCircuit
            {
                Layer = head.Layer,
                Head = head.Head,
                Score = head.Spectrum.Score,
                Eigenvalues = Numbers(head.Spectrum),
                Matrix = Matrix(FactoredModule.product(Circuits.ov(new HeadAddress(head.Layer, head.Head), weights))),
            })],
            OVSum = [.. spectra.OVSum.Select(layer => new LayerCircuit
            {
                Layer = layer.Layer,
                Score = layer.Spectrum.Score,
                Eigenvalues = Numbers(layer.Spectrum),
                Matrix = Matrix(FactoredModule.product(Circuits.ovSum(layer.Layer, weights))),
            })],
        };

        IReadOnlyList<ComplexNumber> Numbers(Spectrum spectrum) => [.. spectrum.Eigenvalues.Select(ComplexNumber.Of)];

        IReadOnlyList<IReadOnlyList<float>> Matrix(Tensor matrix) =>
            Grids.Matrix(matrix.ToArray(), architecture.Vocabulary, architecture.Vocabulary);
    }

    private static Table Table(CircuitResults circuits)
    {
        var table = new Table()
            .Border(TableBorder.Rounded)
            .AddColumns(new TableColumn("circuit").NoWrap(), new TableColumn("score").NoWrap(), new TableColumn("eigenvalues, largest first"));
        table.AddRow("direct path", Words.Score(circuits.DirectPath.Score), Numbers(circuits.DirectPath));
        foreach (var head in circuits.OV)
        {
            table.AddRow($"OV, layer {head.Layer} head {head.Head}", Words.Score(head.Score), Numbers(head));
        }

        foreach (var layer in circuits.OVSum)
        {
            table.AddRow($"OV, sum over layer {layer.Layer}", Words.Score(layer.Score), Numbers(layer));
        }

        return table;
    }

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
