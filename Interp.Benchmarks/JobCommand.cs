using System.Diagnostics;
using System.Text.Json;

namespace Interp.Benchmarks;

/// <summary>The main job by its stages and the start of every command, beside an older source's, in turn (A B A B …), so that both see the same machine.</summary>
internal static class JobCommand
{
    private const string Model = "Interp.Properties/Golden/reference/plain_s11.safetensors";

    /// <summary>Starts of a command for each reproduction: they take a tenth of its time.</summary>
    private const int Starts = 2;

    private static readonly (string Row, string[] Arguments)[] Commands =
    [
        ("`--version`", ["--version"]),
        ("`--help`", ["--help"]),
        ("`logits`, three letters", ["logits", Model, "--text", "ABC"]),
        ("`complete`, one prompt", ["complete", Model, "--prompt", "ABCDEFABCDEF"]),
        ("`circuits`", ["circuits", Model]),
        ("`heads`", ["heads", Model]),
    ];

    /// <summary>A built program: its name in the table, its file, what it took.</summary>
    private sealed record Contender(string Name, string Program)
    {
        public Dictionary<string, Sample> Seconds { get; } = [];

        /// <summary>The rows in the order in which they were first met.</summary>
        public List<string> Rows { get; } = [];

        public void Add(string row, double seconds)
        {
            if (!Seconds.TryGetValue(row, out var sample))
            {
                Seconds.Add(row, sample = new());
                Rows.Add(row);
            }

            sample.Add([seconds]);
        }
    }

    public static int Run(string[] args)
    {
        var (rounds, steps) = (5, 1);
        string? asked = null;
        foreach (var option in args.Chunk(2))
        {
            switch (option)
            {
                case ["--rounds", var text] when int.TryParse(text, out var n) && n > 0:
                    rounds = n;
                    break;
                case ["--steps", var text] when int.TryParse(text, out var n) && n > 0:
                    steps = n;
                    break;
                case ["--base", var named]:
                    asked = named;
                    break;
                default:
                    Console.Error.WriteLine($"job: {string.Join(' ', option)} is not understood; expected --base REVISION, --rounds N or --steps N.");
                    return 2;
            }
        }

        if (!File.Exists(Programs.Built))
        {
            Console.Error.WriteLine($"job: there is no {Programs.Built} here; start it from the repository's folder.");
            return 2;
        }

        var revision = asked is null ? LastTag() : Words("git", "rev-parse", "--verify", "--quiet", $"{asked}^{{commit}}") is { Length: > 0 } ? asked : null;
        if (asked is not null && revision is null)
        {
            Console.Error.WriteLine($"job: --base {asked}: git knows no such revision.");
            return 2;
        }

        using var workplace = new Workplace();
        var own = new Contender("now", Path.GetFullPath(Programs.Built));
        List<Contender> contenders = [own];
        if (revision is null)
        {
            Console.WriteLine("There is no tag yet: this source alone. `--base REVISION` names another.");
        }
        else
        {
            if (workplace.Checkout(revision) is not { } source || !Built(source))
            {
                return 1;
            }

            contenders.Insert(0, new(revision, Path.Combine(source, Programs.Built)));
        }

        for (var round = 0; round < rounds; round++)
        {
            foreach (var contender in contenders)
            {
                Reproduce(contender, Path.Combine(workplace.Place, "run"), steps);
            }

            foreach (var (row, arguments) in Commands)
            {
                for (var start = 0; start < Starts; start++)
                {
                    foreach (var contender in contenders)
                    {
                        contender.Add(row, Program(contender, arguments));
                    }
                }
            }
        }

        Print(contenders, rounds, steps);
        return 0;
    }

    private static void Print(List<Contender> contenders, int rounds, int steps)
    {
        var own = contenders[^1];
        var other = contenders.Count > 1 ? contenders[0] : null;
        Console.WriteLine();
        Console.WriteLine($"Seconds by the clock, least and median of {rounds} reproductions of {steps} steps and of {Starts * rounds} starts of each command, in turn; {Environment.ProcessorCount} cores.");
        Console.WriteLine("Stages of several models are added up, as they stand in results.json; models on several cores are at work side by side.");
        Console.WriteLine();
        Console.WriteLine(other is null ? "| | min | median |" : $"| | {other.Name} min | median | now min | median | ratio of minima |");
        Console.WriteLine(other is null ? "|---|---|---|" : "|---|---|---|---|---|---|");
        foreach (var row in own.Rows)
        {
            var now = own.Seconds[row];
            var then = other?.Seconds.GetValueOrDefault(row);
            Console.WriteLine(
                other is null ? $"| {row} | {now.Min:0.000} | {now.Median:0.000} |"
                : then is null ? $"| {row} | | | {now.Min:0.000} | {now.Median:0.000} | |"
                : $"| {row} | {then.Min:0.000} | {then.Median:0.000} | {now.Min:0.000} | {now.Median:0.000} | {now.Min / then.Min:0.00} |");
        }
    }

    /// <summary>A whole reproduction, and its stages as far as its results.json has them.</summary>
    private static void Reproduce(Contender contender, string place, int steps)
    {
        contender.Add("`reproduce`, all of it", Program(contender, ["reproduce", "--steps", $"{steps}", "--out", place]));
        using (var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(place, "results.json"))))
        {
            var models = json.RootElement.GetProperty("models").EnumerateArray().Select(model => model.GetProperty("timings")).ToArray();
            foreach (var (row, key) in new[]
            {
                ("training", "training_seconds"),
                ("analysis", "analysis_seconds"),
                ("of it: measurements", "measurement_seconds"),
                ("of it: scores beside random weights", "null_seconds"),
                ("of it: ablation with means", "ablation_seconds"),
                ("of it: explanations", "explanation_seconds"),
                ("what the live page shows", "live_seconds"),
            })
            {
                if (models.All(timings => timings.TryGetProperty(key, out _)))
                {
                    contender.Add(row, models.Sum(timings => timings.GetProperty(key).GetDouble()));
                }
            }

            if (json.RootElement.TryGetProperty("timings", out var report))
            {
                contender.Add("pictures", report.GetProperty("picture_seconds").GetDouble());
                contender.Add("page", report.GetProperty("page_seconds").GetDouble());
            }
        }

        Directory.Delete(place, recursive: true);
    }

    /// <summary>Seconds that the program takes, from its start to its end.</summary>
    private static double Program(Contender contender, string[] arguments)
    {
        var start = Stopwatch.GetTimestamp();
        Programs.Interp(contender.Program, arguments);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static bool Built(string source)
    {
        Console.WriteLine($"Building {source}");
        var (code, output, _) = Programs.Ended("dotnet", ["build", "-c", "Release", "-nodeReuse:false", Path.Combine(source, "Interp.Host")]);
        if (code != 0)
        {
            Console.Error.WriteLine($"job: {source} does not build:\n{output}");
        }

        return code == 0;
    }

    private static string? LastTag() => Words("git", "describe", "--tags", "--abbrev=0") is { Length: > 0 } tag ? tag : null;

    /// <summary>What a program prints; empty where it fails.</summary>
    private static string Words(string program, params string[] arguments) => Programs.Ended(program, arguments) is (0, var output, _) ? output.Trim() : "";

    /// <summary>A temporary directory, with an older source in it where one is wanted.</summary>
    private sealed class Workplace : IDisposable
    {
        private string? source;

        public Workplace() => Console.CancelKeyPress += (_, _) => Dispose();

        public string Place { get; } = Directory.CreateTempSubdirectory("interp-job-").FullName;

        /// <summary>A worktree of a revision; null where git refuses, which is said.</summary>
        public string? Checkout(string revision)
        {
            var place = Path.Combine(Place, "source");
            var (code, _, error) = Programs.Ended("git", ["worktree", "add", "--detach", place, revision]);
            if (code != 0)
            {
                Console.Error.WriteLine($"job: {revision} cannot be checked out: {error.Trim()}");
                return null;
            }

            return source = place;
        }

        public void Dispose()
        {
            if (source is not null)
            {
                Programs.Ended("git", ["worktree", "remove", "--force", source]);
            }

            source = null;
            if (Directory.Exists(Place))
            {
                Directory.Delete(Place, recursive: true);
            }
        }
    }
}
