using System.CommandLine;
using BenchmarkDotNet.Running;
using Interp.Benchmarks;

var root = new RootCommand("Interp's benchmarks, from the repository's folder; what they measured is in Interp.Benchmarks/README.md.")
{
    Commands.Step(),
    Commands.Job(),
    Commands.Explain(),
    Commands.Study(),
    Commands.Growth(),
    Commands.Merge(),
    Commands.Evaluate(),
    Commands.Exact(),
    Kernels(),
};

var parsed = root.Parse(args);
foreach (var error in parsed.Errors)
{
    Console.Error.WriteLine(error.Message);
}

return parsed.Errors.Count > 0 ? 2 : parsed.Invoke();

static Command Kernels()
{
    var command = new Command("kernels", "The hot kernels at four sizes: BenchmarkDotNet, whose own options may follow.") { TreatUnmatchedTokensAsErrors = false };
    command.SetAction(parsed =>
    {
        Console.WriteLine($"FMA peak of one core: {Peak.Gigaflops():0} GFLOP/s");
        BenchmarkSwitcher.FromAssembly(typeof(Peak).Assembly).Run(parsed.UnmatchedTokens.Count == 0 ? ["--filter", "*"] : [.. parsed.UnmatchedTokens]);
    });
    return command;
}
