namespace Interp.Runs.Wording;

/// <summary>Commands as a user can paste them.</summary>
internal static class Shell
{
    /// <summary>An argument as a shell reads it back.</summary>
    public static string Quoted(string argument) =>
        Quote.shown(argument) != argument
            // Bash, zsh and others read \u001b and the like between these.
            ? $"$'{Quote.shown(argument.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal))}'"
            : argument.Length > 0 && argument.All(character => char.IsLetterOrDigit(character) || "/._-+=:@%,".Contains(character, StringComparison.Ordinal))
                ? argument
                : $"'{argument.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
