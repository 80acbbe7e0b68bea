using System.ComponentModel;
using System.Diagnostics;

namespace Interp.Runs.Surroundings;

/// <summary>The browser that the user's system opens pages with.</summary>
internal static class Browser
{
    /// <summary>Asks the system to show a file; what went wrong, or null where it was asked. Nobody waits for the browser.</summary>
    public static string? Show(string file)
    {
        var opener = OperatingSystem.IsWindows() ? "explorer" : OperatingSystem.IsMacOS() ? "open" : "xdg-open";
        try
        {
            // What the browser says of itself is not for the user of this command.
            using var process = Process.Start(new ProcessStartInfo(opener, [Path.GetFullPath(file)])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            });
            return null;
        }
        catch (Exception absent) when (absent is Win32Exception or InvalidOperationException or PlatformNotSupportedException)
        {
            return $"there is no {opener} to open it with";
        }
    }
}
