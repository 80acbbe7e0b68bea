using Spectre.Console;

namespace Interp.Runs.Wording;

/// <summary>Names that came from outside, where they are printed: nothing in them moves a cursor, turns a line around or is taken for markup.</summary>
internal static class Names
{
    /// <summary>In a cell or a title of a console's table.</summary>
    public static string Markup(string name) => Spectre.Console.Markup.Escape(Quote.shown(name));
}
