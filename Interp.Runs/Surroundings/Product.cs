using System.Reflection;

namespace Interp.Runs.Surroundings;

/// <summary>What this program is.</summary>
internal static class Product
{
    /// <summary>The version in Directory.Build.props.</summary>
    public static string Version { get; } =
        typeof(Product).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";
}
