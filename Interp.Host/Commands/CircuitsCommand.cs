using System.Numerics;
using Interp.Host.Files;
using Interp.Host.Results;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary><c>interp circuits</c>: eigenvalues of the direct path and of the OV circuits.</summary>
internal static class CircuitsCommand
{
    public static void Run(CircuitsOptions options)
    {
        var spectra = Circuits.spectra(ModelFile.Load(options.Model).Weights);
        new Terminal(options.Json).Result(
            () => CircuitsJson.Of(spectra), OutputJson.Default.CircuitsJson, console => console.Write(Table(spectra)));
    }

    private static Table Table(CircuitSpectra spectra)
    {
        var table = new Table()
            .Border(TableBorder.Rounded)
            .AddColumns(new TableColumn("circuit").NoWrap(), new TableColumn("score").NoWrap(), new TableColumn("eigenvalues, largest first"));
        table.AddRow("direct path", Words.Score(spectra.DirectPath.Score), Numbers(spectra.DirectPath));
        foreach (var head in spectra.OV)
        {
            table.AddRow($"OV, layer {head.Layer} head {head.Head}", Words.Score(head.Spectrum.Score), Numbers(head.Spectrum));
        }

        foreach (var layer in spectra.OVSum)
        {
            table.AddRow($"OV, sum over layer {layer.Layer}", Words.Score(layer.Spectrum.Score), Numbers(layer.Spectrum));
        }

        return table;
    }

    private static string Numbers(Spectrum spectrum) => string.Join("   ", spectrum.Eigenvalues.Select(Number));

    private static string Number(Complex value)
    {
        var imaginary = Rounded(value.Imaginary);
        var real = Words.Minus(Rounded(value.Real));
        return imaginary == 0 ? real : $"{real} {(imaginary < 0 ? '−' : '+')} {Math.Abs(imaginary)}i";
    }

    /// <summary>Three decimals; adding zero makes negative zero plain zero.</summary>
    private static double Rounded(double value) => Math.Round(value, 3) + 0.0;
}
