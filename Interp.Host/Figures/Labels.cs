using Interp.Host.Results;

namespace Interp.Host.Figures;

/// <summary>What things are called in pictures and on the page. Layers and heads count from 0.</summary>
public static class Labels
{
    public static string Model(ModelResults model) =>
        (model.Configuration.Smeared ? "Smeared keys" : "Plain keys")
        + (model.Configuration.Layers == 1 ? string.Empty : $", {model.Configuration.Layers} layers");

    public static string Head(ModelConfiguration configuration, int layer, int head) =>
        configuration.Layers == 1 ? $"Head {head}" : $"Layer {layer}, head {head}";

    public static string Layer(ModelConfiguration configuration, int layer) =>
        configuration.Layers == 1 ? "All heads" : $"Layer {layer}, all heads";

    /// <summary>A..Z, and numbers beyond.</summary>
    public static string Letter(int token) => token < 26 ? ((char)('A' + token)).ToString() : token.ToString();
}
