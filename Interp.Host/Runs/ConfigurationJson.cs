using System.Text.Json.Serialization;
using Interp.Host.Results;

namespace Interp.Host.Runs;

/// <summary>config.json: everything that a run depends on, in snake_case.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(ModelConfiguration))]
[JsonSerializable(typeof(Dictionary<string, ModelConfiguration>))]
internal sealed partial class ConfigurationJson : JsonSerializerContext;
