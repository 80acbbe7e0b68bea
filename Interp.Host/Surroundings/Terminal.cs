using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace Interp.Host.Surroundings;

/// <summary>Where a command's words go. With <c>--json</c> standard output holds one JSON object and nothing else.</summary>
internal sealed class Terminal(bool json, TextWriter output, TextWriter error)
{
    /// <summary>Columns to lay tables out in where there is no terminal to ask.</summary>
    private const int RedirectedWidth = 120;

    /// <summary>The terminal of a user's process.</summary>
    public static Terminal Of(bool json) => new(json, Console.Out, Console.Error);

    /// <summary>For people: standard output, or standard error where standard output is promised to a program.</summary>
    public IAnsiConsole People { get; } = Create(json ? error : output);

    /// <summary>For progress: always standard error.</summary>
    public IAnsiConsole Progress { get; } = Create(error);

    /// <summary>Whether progress can be shown as bars that move.</summary>
    public bool IsLive => Progress.Profile.Capabilities.Interactive && !IsRedirected(error);

    /// <summary>Does some work of unknown length, with a sign of life on a terminal.</summary>
    public T Busy<T>(string what, Func<T> work) =>
        IsLive
            ? Progress.Status().Start(what, _ => work())
            : work();

    /// <summary>Writes the command's one JSON object, or shows people the same.</summary>
    public void Result(Func<JsonObject> value, Action<IAnsiConsole> show)
    {
        if (json)
        {
            Json(value());
        }
        else
        {
            show(People);
        }
    }

    /// <summary>Writes a line for people as it is: paths and commands are not broken to the terminal's width.</summary>
    public static void Line(IAnsiConsole console, string text) => console.Profile.Out.Writer.WriteLine(text);

    /// <summary>Writes a text to standard output as it is, for another program to read.</summary>
    public void Text(string text) => People.Profile.Out.Writer.Write(text);

    /// <summary>Writes one JSON object and a line end to standard output.</summary>
    private void Json(JsonObject value)
    {
        using var text = new MemoryStream();
        using (var writer = new Utf8JsonWriter(text))
        {
            value.WriteTo(writer);
        }

        output.Write($"{Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length)}\n");
    }

    private static bool IsRedirected(TextWriter writer) =>
        ReferenceEquals(writer, Console.Out) ? Console.IsOutputRedirected : !ReferenceEquals(writer, Console.Error) || Console.IsErrorRedirected;

    private static IAnsiConsole Create(TextWriter writer)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
        if (IsRedirected(writer))
        {
            console.Profile.Width = RedirectedWidth;
        }

        return console;
    }
}
