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

    public static int Run(string? revision, int rounds, int steps)
    {
        using var sources = Sources.Beside("job", revision);
        if (sources is null)
        {
            return 2;
        }

        var contenders = sources.All.Select(source => new Contender(source)).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            foreach (var contender in contenders)
            {
                Reproduce(contender, Path.Combine(sources.Place, "run"), steps);
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

        Console.WriteLine();
        Console.WriteLine($"Seconds by the clock, least and median of {rounds} reproductions of {steps} steps and of {Starts * rounds} starts of each command, in turn; {Environment.ProcessorCount} cores.");
        Console.WriteLine("Stages of several models are added up, as they stand in results.json; models on several cores are at work side by side.");
        Console.WriteLine();
        Contender.Print(contenders);
        return 0;
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
        Programs.Interp(contender.Source.Program, arguments);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
