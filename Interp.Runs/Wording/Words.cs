using System.Globalization;
using Microsoft.FSharp.Core;

namespace Interp.Runs.Wording;

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
        _ => double.IsFinite(share) ? $"{Tenth(100 * share)}\u00A0%" : NotFinite,
    };

    /// <summary>A share with its standard error, in points of a percentage; without it where that is none or 0.</summary>
    public static string Percent(double share, double? error) => error is > 0 ? $"{Percent(share)}\u00A0±\u00A0{Small(100 * error.Value)}" : Percent(share);

    /// <summary>A loss with its standard error, where there is one.</summary>
    public static string Nats(double loss, double? error) => error is { } known ? $"{Nats(loss)}\u00A0±\u00A0{Small(known)}" : Nats(loss);

    /// <summary>A standard error, whose second digit nobody needs.</summary>
    private static string Small(double error) => Fixed(error, error switch { >= 0.1 => "0.0", >= 0.01 => "0.00", >= 0.001 => "0.000", >= 0.0001 => "0.0000", _ => "0e0" });

    /// <summary>What stands for a figure that is not finite: NaN or infinite.</summary>
    public const string NotFinite = "n.f.";

    /// <summary>What a reader of <see cref="NotFinite"/> should know.</summary>
    public const string NotFiniteSentence = $"{NotFinite} stands for a figure that is not finite (NaN or infinite), so that there is no number to show.";

    /// <summary>From here on decimals are noise, and digits do not fit into a column.</summary>
    private const double Large = 1e9;

    /// <summary>The one way from a number to a reader: in a format of decimals, scientific where it is very large, and one word where it is not finite.</summary>
    public static string Fixed(double value, string format) =>
        !double.IsFinite(value) ? NotFinite
        : Minus(value.ToString(IsLarge(value) ? "0.###e0" : format, CultureInfo.InvariantCulture));

    /// <summary>Whether a number has more digits than a reader wants.</summary>
    public static bool IsLarge(double value) => Math.Abs(value) >= Large;

    /// <summary>A round number on an axis, with the decimals that its neighbours a step away need.</summary>
    public static string Tick(double value, double step) => Math.Max(Math.Abs(value), step) switch
    {
        0.0 => "0",
        < 1e-4 or >= Large => Fixed(value, value == 0 ? "0" : "0.###e0"),
        >= 1000 when step >= 1 => Thousands(value),
        _ => Fixed(value, step >= 1 ? "0" : $"0.{new string('0', Math.Min(9, (int)Math.Ceiling(-Math.Log10(step) - 1e-9)))}"),
    };

    /// <summary>A number to three significant digits.</summary>
    public static string Significant(double value) => Math.Abs(value) switch
    {
        0.0 => "0",
        < 1e-3 or >= Large => Fixed(value, "0.##e0"),
        < 1 => Fixed(value, "0.#####"[..(2 + Digits(value))]),
        < 10 => Fixed(value, "0.##"),
        < 100 => Fixed(value, "0.#"),
        _ => Thousands(value),
    };

    /// <summary>How many decimals three significant digits of a number below one take.</summary>
    private static int Digits(double value) => Math.Min(5, 2 - (int)Math.Floor(Math.Log10(Math.Abs(value))));

    /// <summary>A number with one decimal.</summary>
    public static string Tenth(double value) => Fixed(value, "0.0");

    /// <summary>A whole number.</summary>
    public static string Whole(double value) => Fixed(Math.Round(value) + 0.0, "0");

    /// <summary>A share of one as a percentage with one decimal.</summary>
    public static string Share(double share) => double.IsFinite(share) ? $"{Tenth(100 * share)} %" : NotFinite;

    /// <summary>A number with all its digits.</summary>
    public static string Exact(double value) => Fixed(value, "R");

    /// <summary>An eigenvalue score, in [-1, 1].</summary>
    public static string Score(double score) => Fixed(score, "0.0000");

    /// <summary>A loss in bits, of a task of a text.</summary>
    public static string? Bits(Task task, double loss) =>
        Tasks.textUnit(task)?.Value is { } unit ? $"{Nats(Tasks.bits(loss))} bits a {(unit.IsBytes ? "byte" : "character")}" : null;

    /// <summary>The least loss possible, where it is known.</summary>
    public static string Floor(FSharpOption<double>? floor) => floor is { Value: var nats } ? Nats(nats) : "not known";

    /// <summary>A loss in nats.</summary>
    public static string Nats(double loss) => Fixed(loss, "0.0000");

    /// <summary>A number with three decimals; adding zero makes negative zero plain zero.</summary>
    public static string Third(double value) => Fixed(Math.Round(value, 3) + 0.0, "0.000");

    /// <summary>A number with two decimals.</summary>
    public static string Hundredth(double value) => Fixed(Math.Round(value, 2) + 0.0, "0.00");

    /// <summary>Where a score stands among those of random weights.</summary>
    public static string Standing(double share) => share switch
    {
        0.0 => "below all",
        1.0 => "above all",
        double.NaN => NotFinite,
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
            var whole => Whole(whole),
        };
    }

    /// <summary>A setting as one writes it: 0.001, 1e-8.</summary>
    public static string Setting(double value) =>
        value != 0 && Math.Abs(value) < 1e-4 ? value.ToString("0.####e-0", CultureInfo.InvariantCulture) : value.ToString(CultureInfo.InvariantCulture);

    /// <summary>A count with its thousands apart.</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A whole number with its thousands apart.</summary>
    public static string Thousands(double value) => Fixed(value, "N0");

    /// <summary>Bytes in millions.</summary>
    public static string Bytes(long bytes) => $"{Thousands(bytes / 1e6)} MB";

    public static string Minus(double value) => Exact(value);

    /// <summary>A number that is written already.</summary>
    public static string Minus(string number) =>
        number.Replace('-', '−');

    /// <summary>K, Q or V.</summary>
    public static string Input(HeadInput input) => input.ToString().ToUpperInvariant();

    /// <summary>What a term of the logits is called: the heads on its way, behind the positions where it begins there.</summary>
    public static string Term(PathTerm term)
    {
        string[] heads = [.. term.Heads.Select(head => head.ToString())];
        var source = term.Source switch
        {
            PathSource.Intervention put => put.ToString(),
            PathSource.Component { Item.IsPositionEmbedding: true } => "positions",
            _ => null,
        };
        return source is not null ? string.Join(" > ", [source, .. heads]) : heads.Length == 0 ? "direct path" : string.Join(" > ", heads);
    }

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
