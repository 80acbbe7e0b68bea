using System.Globalization;

namespace Interp.Runs.Wording;

/// <summary>Cells of comma-separated values (RFC 4180).</summary>
internal static class Csv
{
    /// <summary>Signs that make a spreadsheet take what follows for a formula.</summary>
    private const string Formula = "=+-@";

    /// <summary>A number that reads back to the same bits; nothing where there is none, or where it is not finite.</summary>
    public static string Number(double? value) =>
        value is { } number && double.IsFinite(number) ? number.ToString("R", CultureInfo.InvariantCulture) : "";

    /// <summary>
    /// A text: what does not print is escaped, an apostrophe in front keeps a spreadsheet from taking it for a formula, and quotes enclose it
    /// where it holds a comma or a quote.
    /// </summary>
    public static string Text(string value) => Quoted(Inert(Quote.shown(value)));

    private static string Inert(string text) => text.Length > 0 && Formula.Contains(text[0], StringComparison.Ordinal) ? $"'{text}" : text;

    private static string Quoted(string text) =>
        text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
