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

    private PyTorchPeer(Process process, string version)
    {
        _process = process;
        Version = version;
        _steps = Math.Max(3, (int)(RoundMilliseconds / Round().Average()));
    }

    public string Version { get; }

    /// <summary>The first Python that has torch, or null.</summary>
    public static string? FindPython(string? asked) =>
        asked is null ? UsualPythons.FirstOrDefault(HasTorch) : HasTorch(asked) ? asked : null;

    public static PyTorchPeer Start(string python, Configuration configuration, int threads)
    {
        var a = configuration.Architecture;
        var repetition = TaskFormModule.repetition(configuration.Task).Value;
        var settings = JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["layers"] = a.NLayers,
            ["heads"] = a.NHeads,
            ["d_model"] = a.DModel,
            ["vocabulary"] = a.DVocab,
            ["block_length"] = repetition.BlockLength,
            ["blocks"] = repetition.Blocks,
            ["batch"] = configuration.Batch,
            ["smeared"] = a.Smear.IsKeys,
            ["threads"] = threads,
        });
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
        return new(process, ready.Split(' ')[^1]);
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
