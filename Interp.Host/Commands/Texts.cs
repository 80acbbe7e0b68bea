using System.Text;
using Interp.Host.Endings;
using Interp.Host.Results;
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

    /// <summary>A completion for the console, its wrong letters in red and underlined.</summary>
    public static Markup Marked(Completion completion)
    {
        if (completion.Expected is null)
        {
            return new Markup(Markup.Escape(completion.Generated));
        }

        var text = new StringBuilder();
        for (var index = 0; index < completion.Generated.Length; index++)
        {
            var letter = Markup.Escape(completion.Generated[index].ToString());
            text.Append(completion.Generated[index] == completion.Expected[index] ? letter : $"[red underline]{letter}[/]");
        }

        return new Markup(text.ToString());
    }
}
