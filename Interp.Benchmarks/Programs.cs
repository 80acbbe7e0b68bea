using System.Diagnostics;

namespace Interp.Benchmarks;

/// <summary>Other programs, run to their end.</summary>
internal static class Programs
{
    /// <summary>The program of this source, built beside the benchmarks; from the repository's folder.</summary>
    public const string Built = "Interp.Host/bin/Release/net10.0/interp.dll";

    /// <summary>What is said where it is not built, or not there; null where it is.</summary>
    public static string? Missing => File.Exists(Built) ? null : $"There is no {Built} here; start it from the repository's folder.";

    public static (int Code, string Output, string Error) Ended(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }

    /// <summary>What `interp` prints.</summary>
    /// <exception cref="InvalidOperationException">It failed: how, and what it said.</exception>
    public static string Interp(params string[] arguments) => Interp(Built, arguments);

    /// <summary>What another build of it prints.</summary>
    /// <exception cref="InvalidOperationException">It failed: how, and what it said.</exception>
    public static string Interp(string build, string[] arguments)
    {
        var (code, output, error) = Ended("dotnet", [build, .. arguments]);
        return code == 0 ? output : throw new InvalidOperationException($"{build} {string.Join(' ', arguments)} ended with {code}: {error}");
    }
}
