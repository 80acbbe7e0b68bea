using Interp.Host.Results;

namespace Interp.Host.Analyses;

/// <summary>The circuits from letters to logits that a model holds.</summary>
internal static class CircuitAnalysis
{
    /// <summary>Every circuit of a model: score, eigenvalues and matrix.</summary>
    public static CircuitResults Of(Architecture architecture, Model<Tensor> weights)
    {
        var scored = CircuitScoresModule.ofModel(weights);
        return new()
        {
            DirectPath = Circuit(scored.DirectPath, Circuits.directPath(weights)),
            OV = [.. scored.OV.Select(head => new HeadCircuit(Circuit(head.Item2, Circuits.ov(head.Item1, weights)), head.Item1.Layer, head.Item1.Head))],
            OVSum = [.. scored.OVSum.Select((scores, layer) => new LayerCircuit(Circuit(scores, Circuits.ovSum(layer, weights)), layer))],
        };

        Circuit Circuit(CircuitScores scores, Factored matrix) => new()
        {
            Score = scores.Eigenvalues.Score,
            Baseline = NullDistribution.Of(scores.Eigenvalues.Baseline),
            Standing = scores.Eigenvalues.Standing,
            Eigenvalues = [.. scores.Spectrum.Eigenvalues.Select(ComplexNumber.Of)],
            SingularValues = [.. scores.SingularValues],
            Trace = ComparedScore.Of(scores.Trace),
            DiagonalShare = ComparedScore.Of(scores.DiagonalShare),
            Matrix = Grids.Matrix(FactoredModule.product(matrix).ToArray(), architecture.DVocab, architecture.DVocab),
        };
    }
}
