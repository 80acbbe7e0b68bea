using System.Diagnostics;

namespace Interp.Benchmarks;

/// <summary>All explanations of a model found and judged, of one layer and of two, beside an older source's, in turn.</summary>
internal static class ExplainCommand
{
    private static readonly string[] Models = ["plain_s11", "smeared_s11", "two_layer_s11"];

    public static int Run(string? revision, int rounds)
    {
        using var sources = Sources.Beside("explain", revision);
        if (sources is null)
        {
            return 2;
        }

        var contenders = sources.All.Select(source => new Contender(source)).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            foreach (var model in Models)
            {
                foreach (var contender in contenders)
                {
                    var start = Stopwatch.GetTimestamp();
                    Programs.Interp(contender.Source.Program, ["explain", $"Interp.Properties/Golden/reference/{model}.safetensors"]);
                    contender.Add($"`explain`, {model}", Stopwatch.GetElapsedTime(start).TotalSeconds);
                }
            }
        }

        Console.WriteLine();
        Console.WriteLine($"Seconds by the clock, least and median of {rounds}, in turn; {Environment.ProcessorCount} cores.");
        Console.WriteLine();
        Contender.Print(contenders);
        return 0;
    }
}
