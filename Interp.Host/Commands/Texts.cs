using Interp.Runs.Directories;
using Interp.Runs.Endings;
using Interp.Runs.Results;
using Interp.Runs.Wording;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary>Texts of the model's letters, as users write and read them.</summary>
internal static class Texts
{
    /// <summary>A text as tokens; refused where it is empty, too long for the model or holds a letter that the model does not know.</summary>
    /// <param name="model">The model, whose tokens have names.</param>
    /// <param name="option">The option that the text stands behind, or the place in a file.</param>
    /// <param name="text">The text.</param>
    /// <param name="isPlace">Whether it is from a file, whose place is enough to find it.</param>
    public static NamedText Parse(GivenModel model, string option, string text, bool isPlace = false)
    {
        var most = model.Architecture.NCtx;
        if (text.Length == 0)
        {
            throw new BadInputException($"{option} is empty, expected 1 to {most} letters.");
        }

        var tokens = VocabularyModule.parse(model.Names, text);
        if (tokens.IsError)
        {
            throw new BadInputException($"{option}: {tokens.ErrorValue}");
        }

        return tokens.ResultValue.Length <= most
            ? new(model.Names, tokens.ResultValue)
            : throw new BadInputException($"{option}{(isPlace ? "" : $" {text}")}: has {tokens.ResultValue.Length} letters, more than the model's context of {most}.");
    }

    /// <summary>A completion for the console, its wrong letters in red and underlined.</summary>
    public static Markup Marked(Vocabulary names, Completion completion)
    {
        var written = completion.Written.ToArray();
        var expected = completion.Expected?.Value.ToArray();
        var shown = written.Select((token, index) =>
        {
            var name = Names.Markup(VocabularyModule.written(names, token));
            return expected is null || expected[index] == token ? name : $"[red underline]{name}[/]";
        });
        return new Markup(string.Join(VocabularyModule.separator(names), shown));
    }
}
