using System.Globalization;
using System.Text.Json.Nodes;
using Interp.Runs.Wording;
using Spectre.Console;

namespace Interp.Runs.Surroundings;

/// <summary>Where a command's words go. With <c>--json</c> standard output holds one JSON object and nothing else.</summary>
internal sealed class Terminal(bool json, TextWriter output, TextWriter error)
{
    /// <summary>Columns to lay tables out in where there is no terminal to ask.</summary>
    private const int RedirectedWidth = 120;

    private readonly Printed people = Create(json ? error : output);

    /// <summary>The terminal of a user's process.</summary>
    public static Terminal Of(bool json) => new(json, Console.Out, Console.Error);

    /// <summary>Columns of standard output: as many as the environment's COLUMNS says, or as the terminal has; else as many as is told.</summary>
    public static int Columns(int unknown)
    {
        const int fewest = 40;
        var columns = int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), NumberStyles.None, CultureInfo.InvariantCulture, out var said) && said > 0 ? said
            : Console.IsOutputRedirected ? unknown
            : Console.WindowWidth is > 0 and var window ? window
            : unknown;
        return Math.Max(fewest, columns);
    }

    /// <summary>For people: standard output, or standard error where standard output is promised to a program.</summary>
    public IAnsiConsole People => people.Console;

    /// <summary>For progress: always standard error.</summary>
    public IAnsiConsole Progress { get; } = Create(error).Console;

    /// <summary>Whether progress can be shown as bars that move.</summary>
    public bool IsLive => Progress.Profile.Capabilities.Interactive && !IsRedirected(error);

    /// <summary>Does some work of unknown length, with a sign of life on a terminal.</summary>
    public T Busy<T>(string what, Func<T> work) =>
        IsLive
            ? Progress.Status().Start(what, _ => work())
            : work();

    /// <summary>Does some work in parts, with a bar on a terminal: the work says what it is at, and what share of it is done.</summary>
    public T Progressing<T>(string what, Func<Action<string, double>, T> work) =>
        IsLive
            ? Progress
                .Progress()
                .AutoRefresh(true)
                .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
                .Start(context =>
                {
                    var bar = context.AddTask(Names.Markup(what), maxValue: 1);
                    return work((doing, share) =>
                    {
                        bar.Description = Names.Markup(doing);
                        bar.Value = share;
                    });
                })
            : work((_, _) => { });

    /// <summary>Writes the command's one JSON object, or shows people the same; a sentence says what it means where a figure is not finite.</summary>
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

        if (people.Figures.NotFinite)
        {
            Line(People, Words.NotFiniteSentence);
        }
    }

    /// <summary>Writes a line for people: paths and commands are not broken to the terminal's width, and what does not print is escaped.</summary>
    public static void Line(IAnsiConsole console, string text) => console.Profile.Out.Writer.WriteLine(Quote.shown(text));

    /// <summary>Writes a text to standard output as it is, for another program to read.</summary>
    public void Text(string text) => People.Profile.Out.Writer.Write(text);

    /// <summary>Writes one JSON object and a line end to standard output.</summary>
    private void Json(JsonObject value)
    {
        output.Write($"{System.Text.Encoding.UTF8.GetString(JsonText.Bytes(value))}\n");
    }

    private static bool IsRedirected(TextWriter writer) =>
        ReferenceEquals(writer, Console.Out) ? Console.IsOutputRedirected : !ReferenceEquals(writer, Console.Error) || Console.IsErrorRedirected;

    private static Printed Create(TextWriter writer)
    {
        var figures = new FigureWriter(writer);
        var output = new AnsiConsoleOutput(writer);
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = output });
        // Only now: what a terminal can do is found out by the writer that it has.
        console.Profile.Out = new FigureOutput(output, figures);
        if (IsRedirected(writer))
        {
            console.Profile.Width = RedirectedWidth;
        }

        return new(console, figures);
    }

    /// <summary>A console, and whether a figure that is not finite was printed on it.</summary>
    private sealed record Printed(IAnsiConsole Console, FigureWriter Figures);

    /// <summary>A writer that notices <see cref="Words.NotFinite"/> on its way.</summary>
    private sealed class FigureWriter(TextWriter writer) : TextWriter
    {
        public bool NotFinite { get; private set; }

        public override System.Text.Encoding Encoding => writer.Encoding;

        public override void Write(char value) => writer.Write(value);

        public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

        public override void Write(string? value)
        {
            NotFinite |= value?.Contains(Words.NotFinite, StringComparison.Ordinal) ?? false;
            writer.Write(value);
        }

        public override void WriteLine(string? value)
        {
            Write(value);
            writer.WriteLine();
        }

        public override void Flush() => writer.Flush();
    }

    private sealed class FigureOutput(AnsiConsoleOutput output, FigureWriter writer) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => output.IsTerminal;

        public int Width => output.Width;

        public int Height => output.Height;

        public void SetEncoding(System.Text.Encoding encoding) => output.SetEncoding(encoding);
    }
}
