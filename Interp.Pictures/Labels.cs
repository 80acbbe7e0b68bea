using Interp.Runs.Results;

namespace Interp.Pictures;

/// <summary>What things are called in pictures and on the page. Layers and heads count from 0.</summary>
internal static class Labels
{
    public static string Model(ModelResults model) =>
        (model.Configuration.Architecture.Smear.IsKeys ? "Smeared keys" : "Plain keys")
        + (model.Configuration.Architecture.NLayers == 1 ? string.Empty : $", {model.Configuration.Architecture.NLayers} layers");

    public static string Head(Architecture architecture, int layer, int head) =>
        architecture.NLayers == 1 ? $"Head {head}" : $"Layer {layer}, head {head}";

    public static string Head(Architecture architecture, HeadAddress head) => Head(architecture, head.Layer, head.Head);

    public static string Layer(Architecture architecture, int layer) =>
        architecture.NLayers == 1 ? "All heads" : $"Layer {layer}, all heads";

    /// <summary>A letter's one name.</summary>
    public static string Letter(int token) => Letters.name(token);
}
