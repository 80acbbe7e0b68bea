using System.Globalization;
using System.Text.Json;

namespace Interp.Benchmarks;

/// <summary>Trainings an hour of a study on this machine, and how much of the time is not training, beside an older source's, in turn.</summary>
internal static class StudyCommand
{
    private static readonly int Kinds = SurveyModule.variants.Length;

    public static int Run(string? revision, int rounds, int seeds, int steps)
    {
        using var sources = Sources.Beside("study", revision);
        if (sources is null)
        {
            return 2;
        }

        var (whole, none) = ($"s, {steps:N0} steps", "s, one step");
        var contenders = sources.All.Select(source => new Contender(source)).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            foreach (var (row, count) in new[] { (none, 1), (whole, steps) })
            {
                foreach (var contender in contenders)
                {
                    contender.Add(row, Seconds(contender.Source.Program, Path.Combine(sources.Place, "study"), seeds, count));
                }
            }
        }

        Console.WriteLine();
        Console.WriteLine($"A study of {seeds} seeds of each of {Kinds} kinds on {Environment.ProcessorCount} cores: seconds by the clock of `study run`, least and median of {rounds}, in turn.");
        Console.WriteLine();
        Contender.Print(contenders);
        Console.WriteLine();
        foreach (var contender in contenders)
        {
            var (full, rest) = (contender[whole]!.Min, contender[none]!.Min);
            Console.WriteLine(
                $"{contender.Source.Name}: {3600 * seeds * Kinds / full:0} trainings an hour; {100 * rest / full:0.0} % of the time is what trainings of one step take, too: start, measurements, files.");
        }

        return 0;
    }

    private static double Seconds(string program, string place, int seeds, int steps)
    {
        Programs.Interp(program, ["study", "plan", "--seeds", $"{seeds}", "--steps", steps.ToString(CultureInfo.InvariantCulture), "--out", place]);
        using var json = JsonDocument.Parse(Programs.Interp(program, ["study", "run", place, "--json"]));
        Directory.Delete(place, recursive: true);
        return json.RootElement.GetProperty("seconds").GetDouble();
    }
}
