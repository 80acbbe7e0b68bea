using Interp.Pictures;
using Interp.Runs.Results;
using Interp.Runs.Wording;

namespace Interp.Host.Pages;

/// <summary>Words that depend on numbers, so that no sentence can say what the figures do not.</summary>
internal static class Prose
{
    private static readonly string[] Numbers = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

    /// <summary>"one", "three", "13".</summary>
    public static string Number(int count) => count < Numbers.Length ? (count == 0 ? "none" : Numbers[count]) : count.ToString();

    /// <summary>"no head", "one head", "three heads".</summary>
    public static string Count(int count, string singular, string? plural = null) =>
        $"{(count < Numbers.Length ? Numbers[count] : count.ToString())} {(count == 1 ? singular : plural ?? singular + "s")}";

    /// <summary>"a", "a and b", "a, b and c".</summary>
    public static string List(IReadOnlyList<string> items) => items.Count switch
    {
        0 => string.Empty,
        1 => items[0],
        _ => $"{string.Join(", ", items.SkipLast(1))} and {items[^1]}",
    };

    public static string Capital(string sentence) => sentence.Length == 0 ? sentence : char.ToUpperInvariant(sentence[0]) + sentence[1..];

    /// <summary>The same for the middle of a sentence.</summary>
    public static string Small(string sentence) => sentence.Length == 0 ? sentence : char.ToLowerInvariant(sentence[0]) + sentence[1..];

    /// <summary>A verdict as a label that says in words what its colour says.</summary>
    public static Html Chip(Verdict verdict) => verdict switch
    {
        { IsHolds: true } => Html.Of($"<span class=\"chip holds\">✓ {Words.Unbroken(verdict.ToString())}</span>"),
        { IsFails: true } => Html.Of($"<span class=\"chip fails\">✗ {Words.Unbroken(verdict.ToString())}</span>"),
        _ => Html.Of($"<span class=\"rule\">{Words.Unbroken(verdict.ToString())}</span>"),
    };

    /// <summary>Where words would rest on numbers that are none.</summary>
    public const string NotFinite = "Figures here are not finite, so that nothing follows from them.";

    /// <summary>"0.1234 above it", "level with it".</summary>
    public static string Above(double value, double reference)
    {
        var difference = value - reference;
        return !double.IsFinite(difference) ? $"{Words.NotFinite} above it" : Math.Abs(difference) < 0.00005 ? "level with it" : $"{Words.Nats(Math.Abs(difference))} {(difference > 0 ? "above" : "below")} it";
    }

    /// <summary>"plain keys", for the middle of a sentence.</summary>
    public static string Keys(ModelResults model) => Labels.Model(model).ToLowerInvariant();
}
