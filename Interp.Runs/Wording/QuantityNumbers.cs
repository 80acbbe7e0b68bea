namespace Interp.Runs.Wording;

/// <summary>Values as a reader wants them, by their unit.</summary>
internal static class QuantityNumbers
{
    extension(QuantityWords words)
    {
        /// <summary>A value: "2.6012", "99.2 %", "−0.9996".</summary>
        public string Show(double value) => words.Unit.Show(value);

        /// <summary>A difference of two values; that of shares is in points.</summary>
        public string ShowDifference(double value) => words.Unit.ShowDifference(value);

        /// <summary>A value with its unit: "2.6012 nats a letter", "99.2 %", "eigenvalue score −0.9996".</summary>
        public string Said(double value) => words.Unit switch
        {
            { IsNats: true } or { IsLetters: true } => $"{words.Show(value)} {words.AxisLabel}",
            { IsShare: true } => words.Show(value),
            _ => $"{words.AxisLabel} {words.Show(value)}".TrimStart(),
        };

        /// <summary>The unit for a picture's axis.</summary>
        public string AxisLabel => words.Unit switch
        {
            { IsNats: true } => "nats a letter",
            { IsShare: true } => "%",
            { IsScore: true } => "eigenvalue score",
            { IsLetters: true } => "letters",
            { IsExplained: true } => "explained",
            { IsCorrelation: true } => "correlation",
            _ => string.Empty,
        };
    }

    extension(QuantityUnit unit)
    {
        /// <summary>A value: "2.6012", "99.2 %", "−0.9996".</summary>
        public string Show(double value) => unit switch
        {
            { IsNats: true } or { IsScore: true } or { IsExplained: true } or { IsCorrelation: true } => Words.Nats(value),
            { IsShare: true } => Words.Percent(value),
            _ => Words.Minus(Math.Round(value, 4) + 0.0),
        };

        /// <summary>A difference of two values; that of shares is in points.</summary>
        public string ShowDifference(double value) => unit.IsShare ? $"{Words.Hundredth(100 * value)}\u00A0points" : unit.Show(value);

        /// <summary>A bound that somebody chose, with no more digits than it has: "2.5065", "1 %".</summary>
        public string ShowBound(double bound) =>
            unit.IsShare ? $"{Words.Minus(Math.Round(100 * bound, 4))}\u00A0%" : Words.Minus(Math.Round(bound, 4) + 0.0);
    }
}
