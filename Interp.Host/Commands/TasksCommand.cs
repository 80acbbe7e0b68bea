using System.Text.Json.Nodes;
using Interp.Host.Json;
using Interp.Runs.Files;
using Interp.Runs.Given;
using Interp.Runs.Results;
using Interp.Runs.Surroundings;
using Interp.Runs.Wording;
using Microsoft.FSharp.Core;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary><c>interp tasks</c>: what tasks there are, and sequences of them.</summary>
internal static class TasksCommand
{
    public static void Run(World world, TasksOptions options)
    {
        var terminal = world.Terminal(options.Json);
        if (options.Show is { Value: (var form, var reference) })
        {
            var task = TaskFile.Of(world, terminal, form);
            var sequences = Enumerable.Range(0, reference.Sequences).Select(index => Shown(task, reference.Seed, index)).ToArray();
            terminal.Result(() => Json(task, reference, sequences), console => Show(console, task, reference, sequences));
            return;
        }

        var kinds = terminal.Busy("finding floors", () => Tasks.all.Select(Listed).ToArray());
        terminal.Result(
            () => new() { ["tasks"] = Values.List(kinds, Json) },
            console => console.Write(Table(kinds)));
    }

    /// <summary>A kind of task, with its example; the example of a text is none that could be read.</summary>
    private static ListedKind Listed(TaskKind kind)
    {
        var task = kind.Example is TaskForm.Text ? null : Tasks.ofForm(kind.Example);
        var floor = task?.Floor.Value?.Value;
        return new(
            kind,
            task?.Length ?? ((TaskForm.Text)kind.Example).Item.Length,
            task?.Tokens.Size,
            task?.Counted.Length,
            floor is null ? null : TaskModule.mean(task!, floor.PerPosition),
            floor?.StandardError);
    }

    private static JsonObject Json(ListedKind listed) => new()
    {
        ["name"] = listed.Kind.Name,
        ["example"] = listed.Kind.Example.ToString(),
        ["meaning"] = listed.Kind.Meaning,
        ["length"] = listed.Length,
        ["tokens"] = listed.Tokens,
        ["counted"] = listed.Counted,
        ["floor"] = Values.Number(listed.Floor),
        ["floor_standard_error"] = Values.Number(listed.StandardError),
        ["source"] = listed.Kind.Source,
    };

    private static Table Table(IEnumerable<ListedKind> kinds)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("for example", "sequences", "tokens long", "floor, nats", "source");
        foreach (var listed in kinds)
        {
            var floor = listed.StandardError is > 0 and var error ? $"{Words.Nats(listed.Floor!.Value)} ± {Words.Nats(error)}" : Words.Floor(Option(listed.Floor));
            table.AddRow(
                new Text(listed.Kind.Example.ToString()), new Text(listed.Kind.Meaning), new Text($"{listed.Length}"), new Text(floor), new Text(listed.Kind.Source));
        }

        return table;
    }

    private static FSharpOption<double>? Option(double? value) => value is { } number ? FSharpOption<double>.Some(number) : null;

    private static ShownSequence Shown(Task task, ulong seed, int index)
    {
        var sequence = TaskModule.sequence(task, KeyModule.ofSeed(seed), index);
        if (task.Prompts is not { Value.Length: var length })
        {
            return new(sequence, null, null);
        }

        var prompt = TokensModule.slice(0, length, sequence);
        return new(sequence, prompt, CompletionModule.expected(task, task.Length, prompt)?.Value);
    }

    private static JsonObject Json(Task task, Reference reference, IEnumerable<ShownSequence> sequences)
    {
        return new JsonObject
        {
            ["task"] = task.Name,
            ["length"] = task.Length,
            ["tokens"] = Values.Texts(task.Tokens.Names),
            ["counted"] = Values.List(task.Counted, place => place),
            ["seed"] = reference.Seed,
            ["sequences"] = Values.List(sequences, shown => new JsonObject
            {
                ["text"] = Text(shown.Sequence),
                ["prompt"] = Text(shown.Prompt),
                ["answer"] = Text(shown.Answer),
            }),
        };

        string? Text(Tokens? tokens) => tokens is { } some ? VocabularyModule.toText(task.Tokens, some) : null;
    }

    private static void Show(IAnsiConsole console, Task task, Reference reference, IReadOnlyList<ShownSequence> sequences)
    {
        var hasPrompts = task.Prompts is not null;
        var table = new Table().Border(TableBorder.Rounded).AddColumn("sequence");
        if (hasPrompts)
        {
            table.AddColumns("prompt", "right answer");
        }

        foreach (var shown in sequences)
        {
            Markup[] cells = [Marked(task, shown.Sequence), .. hasPrompts ? [Plain(shown.Prompt), Plain(shown.Answer)] : Array.Empty<Markup>()];
            table.AddRow(cells);
        }

        console.Write(table);
        Terminal.Line(console, $"{task.Name}: {sequences.Count} sequences of {task.Length} tokens, seed {reference.Seed}; the tokens are {VocabularyModule.describe(task.Tokens)}.");
        Terminal.Line(console, $"What counts in the loss is the prediction of the underlined tokens: {Places(task)}, counted from 0.");

        Markup Plain(Tokens? tokens) => new(tokens is { } some ? Names.Markup(VocabularyModule.toText(task.Tokens, some)) : "-");
    }

    /// <summary>A sequence, its counted tokens underlined.</summary>
    private static Markup Marked(Task task, Tokens sequence)
    {
        var counted = task.Counted.ToHashSet();
        return new(string.Join(VocabularyModule.separator(task.Tokens), sequence.ToArray().Select((token, place) =>
        {
            var name = Names.Markup(VocabularyModule.name(task.Tokens, token));
            return counted.Contains(place) ? $"[bold underline]{name}[/]" : name;
        })));
    }

    /// <summary>"place 11", "places 6 to 23", "places 1, 3 and 5 to 7".</summary>
    private static string Places(Task task)
    {
        var ranges = task.Counted
            .Select((place, index) => (place, Run: place - index))
            .GroupBy(each => each.Run, each => each.place)
            .Select(run => run.First() == run.Last() ? $"{run.First()}" : $"{run.First()} to {run.Last()}")
            .ToArray();
        var all = ranges.Length == 1 ? ranges[0] : $"{string.Join(", ", ranges[..^1])} and {ranges[^1]}";
        return task.Counted.Length == 1 ? $"place {all}" : $"places {all}";
    }

    /// <param name="Kind">The kind.</param>
    /// <param name="Length">Tokens of a sequence of its example.</param>
    /// <param name="Tokens">Tokens that there are; null where a text says it.</param>
    /// <param name="Counted">Predictions that count; null likewise.</param>
    /// <param name="Floor">Mean over these, in nats; null where it is not known.</param>
    /// <param name="StandardError">Of the floor; 0 where it is exact, null where it is not known.</param>
    private sealed record ListedKind(TaskKind Kind, int Length, int? Tokens, int? Counted, double? Floor, double? StandardError);

    /// <summary>A sequence, and where the task has prompts the one that it begins with and its right answer.</summary>
    private sealed record ShownSequence(Tokens Sequence, Tokens? Prompt, Tokens? Answer);
}
