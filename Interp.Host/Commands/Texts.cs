using System.Text;
using Interp.Host.Endings;
using Interp.Host.Results;
using Interp.Host.Wording;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary>Texts of the model's letters, as users write and read them.</summary>
internal static class Texts
{
    /// <summary>A text as tokens; refused where it is empty, too long for the model or holds a letter that the model does not know.</summary>
    public static Tokens Parse(Architecture architecture, string option, string text)
    {
        if (text.Length == 0)
        {
            throw new BadInputException($"{option} is empty, expected 1 to {architecture.NCtx} letters.");
        }

        var tokens = Letters.ofText(architecture.DVocab, text);
        if (tokens.IsError)
        {
            throw new BadInputException($"{option}: {tokens.ErrorValue}");
        }

        return tokens.ResultValue.Length <= architecture.NCtx
            ? tokens.ResultValue
            : throw new BadInputException($"{option} {text}: has {tokens.ResultValue.Length} letters, more than the model's context of {architecture.NCtx}.");
    }

    /// <summary>The right answer; null where nothing is right or wrong.</summary>
    public static string? Expected(Completion completion) => completion.Expected is { Value: var expected } ? Letters.toText(expected) : null;

    /// <summary>A completion for the console, its wrong letters in red and underlined.</summary>
    public static Markup Marked(Completion completion)
    {
        var written = Letters.toText(completion.Written);
        if (Expected(completion) is not { } expected)
        {
            return new Markup(Names.Markup(written));
        }

        var text = new StringBuilder();
        for (var index = 0; index < written.Length; index++)
        {
            var letter = Names.Markup(written[index].ToString());
            text.Append(written[index] == expected[index] ? letter : $"[red underline]{letter}[/]");
        }

        return new Markup(text.ToString());
    }
}
