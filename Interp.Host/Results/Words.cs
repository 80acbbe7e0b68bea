namespace Interp.Host.Results;

/// <summary>Numbers as a reader wants them: a true minus sign, a space before %, no false digits.</summary>
public static class Words
{
    /// <summary>A share of one as a percentage with one decimal; never rounded up to 100 % or down to 0 %.</summary>
    public static string Percent(double share) => share switch
    {
        0.0 => "0 %",
        1.0 => "100 %",
        > 0.0 and < 0.0005 => "under 0.1 %",
        > 0.9995 and < 1.0 => "over 99.9 %",
        _ => $"{Minus(Math.Round(100 * share, 1))} %",
    };

    /// <summary>An eigenvalue score, in [-1, 1].</summary>
    public static string Score(double score) => Minus(score.ToString("0.0000"));

    /// <summary>A loss in nats.</summary>
    public static string Nats(double loss) => Minus(loss.ToString("0.0000"));

    public static string Minus(double value) => Minus(value.ToString());

    private static string Minus(string number) => number.Replace('-', '−');
}
