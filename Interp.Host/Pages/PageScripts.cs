using System.Security.Cryptography;
using System.Text;

namespace Interp.Host.Pages;

/// <summary>The scripts and styles of a live page, plain files that the program brings along, each in its place.</summary>
internal static class PageScripts
{
    /// <summary>In this order: a file may use those above it.</summary>
    private static readonly string[] ScriptFiles =
    [
        "decode.js",
        "linear.js",
        "forward.js",
        "forms.js",
        "carried.js",
        "rules.js",
        "explained.js",
        "paths.js",
        "circuit.js",
        "dom.js",
        "colours.js",
        "seen.js",
        "tokens.js",
        "choices.js",
        "fragment.js",
        "state.js",
        "results.js",
        "mapping.js",
        "map.js",
        "saving.js",
        "map-svg.js",
        "bars.js",
        "plane.js",
        "table.js",
        "contents.js",
        "figures.js",
        "keeping.js",
        "view-choose.js",
        "positions.js",
        "token-chips.js",
        "text-bars.js",
        "view-text.js",
        "view-attention.js",
        "fixed-loss.js",
        "head-controls.js",
        "cut-controls.js",
        "side-by-side.js",
        "view-interventions.js",
        "composed.js",
        "circuit-words.js",
        "view-circuits.js",
        "graph.js",
        "view-composition.js",
        "writers.js",
        "view-attribution.js",
        "view-training.js",
        "commands.js",
        "view-share.js",
        "start.js",
    ];

    /// <summary>Those that the forward pass is made of; they touch no document, so that any engine of JavaScript runs them.</summary>
    private static readonly string[] EngineFiles = [.. ScriptFiles.TakeWhile(file => file != "dom.js")];

    /// <summary>Those of a page without models.</summary>
    private static readonly string[] ReadingFiles = ["dom.js", "colours.js", "saving.js", "contents.js", "figures.js", "keeping.js", "start.js"];

    private static readonly Lazy<string> ReadingScripts = new(() => Joined(ReadingFiles));
    private static readonly Lazy<string> AllScripts = new(() => Joined(ScriptFiles));
    private static readonly Lazy<string> EngineScripts = new(() => Joined(EngineFiles));
    private static readonly Lazy<string> AllStyles = new(() => Joined([.. Resources(".css").Order(StringComparer.Ordinal)]));

    /// <summary>All scripts, one after the other.</summary>
    public static string Script => AllScripts.Value;

    /// <summary>The scripts of a page that is read.</summary>
    public static string Reading => ReadingScripts.Value;

    /// <summary>The scripts that run models and explanations, without those that show anything.</summary>
    public static string Engine => EngineScripts.Value;

    /// <summary>All styles of the views, to stand behind the page's own.</summary>
    public static string Style => AllStyles.Value;

    /// <summary>What a content security policy calls a script or a style by: a hash of all that stands between its tags.</summary>
    public static string Hash(string content) => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(content)))}'";

    /// <summary>Scripts that the program brings along and that have no place in the order.</summary>
    internal static IReadOnlyList<string> Unordered() => [.. Resources(".js").Except(ScriptFiles, StringComparer.Ordinal)];

    private const string Folder = "page/";

    private static IEnumerable<string> Resources(string ending) =>
        typeof(PageScripts).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Folder, StringComparison.Ordinal) && name.EndsWith(ending, StringComparison.Ordinal))
            .Select(name => name[Folder.Length..]);

    private static string Joined(IReadOnlyList<string> files) => string.Join('\n', files.Select(file => Read(Folder + file)));

    /// <summary>A file that the program brings along.</summary>
    internal static string Read(string name)
    {
        using var stream = typeof(PageScripts).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The program was built without its file {name}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
