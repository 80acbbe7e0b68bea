using BenchmarkDotNet.Running;
using Interp.Benchmarks;

return args switch
{
    ["--help" or "-h"] or [not "kernels", "--help" or "-h"] => Usage(Console.Out, 0),
    ["step", .. var rest] => StepCommand.Run(rest),
    ["job", .. var rest] => JobCommand.Run(rest),
    ["study", .. var rest] => StudyCommand.Run(rest),
    ["merge", .. var rest] => MergeCommand.Run(rest),
    ["growth", .. var rest] => GrowthCommand.Run(rest),
    ["evaluate", .. var rest] => EvaluateCommand.Run(rest),
    ["exact", .. var rest] => ExactCommand.Run(rest),
    ["kernels", .. var rest] => Kernels(rest),
    _ => Usage(Console.Error, 2),
};

static int Kernels(string[] rest)
{
    Console.WriteLine($"FMA peak of one core: {Peak.Gigaflops():0} GFLOP/s");
    BenchmarkSwitcher.FromAssembly(typeof(Peak).Assembly).Run(rest.Length == 0 ? ["--filter", "*"] : rest);
    return 0;
}

static int Usage(TextWriter writer, int exitCode)
{
    writer.WriteLine(
        """
        Usage, from the repository's folder (see Interp.Benchmarks/README.md):
          dotnet run -c Release --project Interp.Benchmarks -- step [--rounds 9] [--case NAME] [--python PYTHON]
          dotnet run -c Release --project Interp.Benchmarks -- job [--base REVISION] [--rounds 5] [--steps 1]
          dotnet run -c Release --project Interp.Benchmarks -- study [--base REVISION] [--rounds 3] [--seeds 2] [--steps 10000]
          dotnet run -c Release --project Interp.Benchmarks -- growth [--out growth.png] [--series NAME]
          dotnet run -c Release --project Interp.Benchmarks -- merge [--rows 1000,10000,100000]
          dotnet run -c Release --project Interp.Benchmarks -- evaluate [--threads 2]
          dotnet run -c Release --project Interp.Benchmarks -- exact MODEL.safetensors THREADS
          dotnet run -c Release --project Interp.Benchmarks -- kernels [BenchmarkDotNet's options]
        """);
    return exitCode;
}
