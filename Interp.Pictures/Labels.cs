using Interp.Runs.Results;

namespace Interp.Pictures;

/// <summary>What things are called in pictures and on the page. Layers and heads count from 0.</summary>
internal static class Labels
{
    public static string Model(ModelResults model) =>
        (model.Configuration.Architecture.Smear.IsKeys ? "Smeared keys" : "Plain keys")
        + (model.Configuration.Architecture.NLayers == 1 ? string.Empty : $", {model.Configuration.Architecture.NLayers} layers");

    public static string Head(Architecture architecture, int layer, int head) => Head(architecture.NLayers, new(layer, head));

    public static string Head(Architecture architecture, HeadAddress head) => Head(architecture.NLayers, head);

    /// <summary>A head of a model of so many layers.</summary>
    public static string Head(int layers, HeadAddress head) => layers == 1 ? $"Head {head.Head}" : $"Layer {head.Layer}, head {head.Head}";

    /// <summary>All heads of a layer, of so many.</summary>
    public static string Layer(int layers, int layer) => layers == 1 ? "All heads" : $"Layer {layer}, all heads";

    /// <summary>A letter's one name.</summary>
    public static string Letter(int token) => Letters.name(token);
}
