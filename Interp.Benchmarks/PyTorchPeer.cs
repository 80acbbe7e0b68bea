using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Interp.Benchmarks;

/// <summary>The same training step in PyTorch: peer.py in a process of its own, which works only when asked to.</summary>
internal sealed class PyTorchPeer : IDisposable
{
    private const double RoundMilliseconds = 200;

    private static readonly string[] UsualPythons = ["python3", "/usr/bin/python3", "python"];

    private readonly Process _process;
    private int _steps = 3;

    private PyTorchPeer(Process process, string version, double gigaflops)
    {
        _process = process;
        Version = version;
        Gigaflops = gigaflops;
        _steps = Math.Max(3, (int)(RoundMilliseconds / Round().Average()));
    }

    public string Version { get; }

    /// <summary>Billions of floating-point operations a second of its product of two large matrices, the best of some: whether it has a BLAS worth the name.</summary>
    public double Gigaflops { get; }

    /// <summary>The first Python that has torch, or null.</summary>
    public static string? FindPython(string? asked) =>
        asked is null ? UsualPythons.FirstOrDefault(HasTorch) : HasTorch(asked) ? asked : null;

    /// <summary>The peer of a configuration of the built-in model on a task.</summary>
    public static PyTorchPeer Start(string python, Configuration configuration, Task task, int threads)
    {
        var a = configuration.Architecture;
        return Begin(
            python,
            new()
            {
                ["layers"] = a.NLayers,
                ["heads"] = a.NHeads,
                ["d_model"] = a.DModel,
                ["hidden"] = 0,
                ["positions"] = a.Positions.ToString(),
                ["smeared"] = a.Smear.IsKeys,
                ["batch"] = configuration.Batch,
                ["period"] = Tasks.repetition(task) is { } repetition ? repetition.Value.BlockLength : task.Length,
            },
            task,
            threads);
    }

    /// <summary>The peer of <see cref="Grokking"/>.</summary>
    public static PyTorchPeer StartGrokking(string python, int threads) =>
        Begin(
            python,
            new()
            {
                ["layers"] = 1,
                ["heads"] = Grokking.Heads,
                ["d_model"] = Grokking.Width,
                ["hidden"] = Grokking.Hidden,
                ["positions"] = Positions.Standard.ToString(),
                ["smeared"] = false,
                ["batch"] = Grokking.Batch,
                ["period"] = Grokking.Task.Length,
            },
            Grokking.Task,
            threads);

    private static PyTorchPeer Begin(string python, Dictionary<string, object> model, Task task, int threads)
    {
        model["vocabulary"] = task.Tokens.Size;
        model["length"] = task.Length;
        // Counted predictions are next to each other in every task here.
        model["counted"] = new[] { task.Counted.Min(), task.Counted.Max() };
        model["threads"] = threads;
        var settings = JsonSerializer.Serialize(model);
        var start = new ProcessStartInfo(python, [Path.Combine(AppContext.BaseDirectory, "peer.py"), settings])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["OMP_NUM_THREADS"] = threads.ToString(CultureInfo.InvariantCulture);
        start.Environment["OPENBLAS_NUM_THREADS"] = threads.ToString(CultureInfo.InvariantCulture);
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{python} did not start.");
        var ready = process.StandardOutput.ReadLine()
            ?? throw new InvalidOperationException("The peer ended before it was ready; its message is above.");
        return new(process, ready.Split(' ')[1], double.Parse(ready.Split(' ')[2], CultureInfo.InvariantCulture));
    }

    /// <summary>Milliseconds of each step of a round.</summary>
    public double[] Round()
    {
        _process.StandardInput.WriteLine(_steps);
        _process.StandardInput.Flush();
        return JsonSerializer.Deserialize<double[]>(_process.StandardOutput.ReadLine() ?? "[]") ?? [];
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static bool HasTorch(string python)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(python, ["-c", "import torch"]) { UseShellExecute = false, RedirectStandardError = true });
            process?.WaitForExit();
            return process?.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
