namespace Interp.Host.Wording;

/// <summary>Numbers as a reader wants them: a true minus sign, a space before %, no false digits.</summary>
internal static class Words
{
    /// <summary>A share of one as a percentage with one decimal, on one line; never rounded up to 100 % or down to 0 %.</summary>
    public static string Percent(double share) => share switch
    {
        0.0 => "0\u00A0%",
        1.0 => "100\u00A0%",
        > 0.0 and < 0.0005 => "under 0.1\u00A0%",
        > 0.9995 and < 1.0 => "over 99.9\u00A0%",
        _ => $"{Minus((100 * share).ToString("0.0"))}\u00A0%",
    };

    /// <summary>An eigenvalue score, in [-1, 1].</summary>
    public static string Score(double score) => Minus(score.ToString("0.0000"));

    /// <summary>A loss in nats.</summary>
    public static string Nats(double loss) => Minus(loss.ToString("0.0000"));

    /// <summary>A number with three decimals; adding zero makes negative zero plain zero.</summary>
    public static string Third(double value) => Minus((Math.Round(value, 3) + 0.0).ToString("0.000"));

    /// <summary>A number with two decimals.</summary>
    public static string Hundredth(double value) => Minus((Math.Round(value, 2) + 0.0).ToString("0.00"));

    /// <summary>Where a score stands among those of random weights.</summary>
    public static string Standing(double share) => share switch
    {
        0.0 => "below all",
        1.0 => "above all",
        _ => $"above {Percent(share)}",
    };

    /// <summary>"replicates".</summary>
    public static string Verdict(Replication verdict) =>
        verdict.IsReplicates ? "replicates" : verdict.IsDoesNotReplicate ? "does not replicate" : "undecided";

    /// <summary>Kept on one line.</summary>
    public static string Unbroken(string words) =>
        words.Replace(' ', '\u00A0');

    /// <summary>From one share to another in whole per cent: "84 to 100 %". Only what is none or all is called 0 or 100.</summary>
    public static string Shares(Interval interval)
    {
        return $"{Share(interval.Low)} to {Share(interval.High)}\u00A0%";

        static string Share(double share) => Math.Round(100 * share) switch
        {
            0 when share > 0 => "<1",
            100 when share < 1 => ">99",
            var whole => $"{whole:0}",
        };
    }

    /// <summary>A setting as one writes it: 0.001, 1e-8.</summary>
    public static string Setting(double value) =>
        value != 0 && Math.Abs(value) < 1e-4 ? value.ToString("0.####e-0") : value.ToString();

    /// <summary>A count with its thousands apart.</summary>
    public static string Count(int count) => count.ToString("N0");

    /// <summary>Bytes in millions.</summary>
    public static string Bytes(long bytes) => $"{bytes / 1e6:N0} MB";

    public static string Minus(double value) => Minus(value.ToString());

    /// <summary>A number that is written already.</summary>
    public static string Minus(string number) =>
        number.Replace('-', '−');

    /// <summary>K, Q or V.</summary>
    public static string Input(HeadInput input) => input.ToString().ToUpperInvariant();

    /// <summary>What a term of the logits is called: the heads on its way.</summary>
    public static string Term(PathTerm term) => term.Heads.IsEmpty ? "direct path" : string.Join(" > ", term.Heads);

    /// <summary>A term's logits [vocab] at a position, less their mean.</summary>
    public static float[] Centred(PathTerm term, int position)
    {
        var logits = TensorModule.select(0, position, term.Logits).ToArray();
        var mean = logits.Average();
        return [.. logits.Select(logit => logit - mean)];
    }

    /// <summary>What random weights show of a score: "0.004 ± 0.070 (−0.140 to 0.136)".</summary>
    public static string Null(NullDistribution random) =>
        $"{Third(random.Mean)}\u00A0±\u00A0{Third(random.Std)} ({Range(random)})";

    /// <summary>From the 2.5th to the 97.5th percentile of random weights: "−0.140 to 0.136".</summary>
    public static string Range(NullDistribution random) =>
        $"{Third(random.P025)}\u00A0to\u00A0{Third(random.P975)}";
}
