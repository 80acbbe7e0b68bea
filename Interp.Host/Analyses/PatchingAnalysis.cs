using Interp.Host.Results;

namespace Interp.Host.Analyses;

/// <summary>Which activations of a clean text restore its answer in the run of a corrupt one.</summary>
internal static class PatchingAnalysis
{
    /// <summary>What patching restores, a row a site.</summary>
    public static IReadOnlyList<PatchedSite> Sites(Patching patching) =>
        [.. patching.Effects.GroupBy(effect => effect.Site).Select(site => Restored(site.Key, [.. site.Select(effect => effect.Restored)]))];

    /// <summary>The letter that the model finds likeliest after a text.</summary>
    public static int Likeliest(Checkpoint checkpoint, Tokens text)
    {
        var vocabulary = checkpoint.Architecture.DVocab;
        var logits = Transformer.logits(checkpoint.Weights, text).ToArray();
        return logits[^vocabulary..].Index().MaxBy(entry => entry.Item).Index;
    }

    /// <summary>What stands at a kind of site.</summary>
    public static string Meaning(string kind) => kind switch
    {
        "residual" => "residual stream",
        "q" => "queries",
        "k" => "keys",
        "v" => "values",
        "pattern" => "attention patterns",
        _ => "head outputs (z)",
    };

    private static PatchedSite Restored(Site site, IReadOnlyList<double> restored)
    {
        return site switch
        {
            Site.ResidualAt residual => new(site.ToString(), "residual", residual.layer, null, restored),
            Site.QueryAt query => OfHead("q", query.Item),
            Site.KeyAt key => OfHead("k", key.Item),
            Site.ValueAt value => OfHead("v", value.Item),
            Site.PatternAt pattern => OfHead("pattern", pattern.Item),
            Site.OutputAt output => OfHead("z", output.Item),
            _ => throw new InvalidOperationException($"{site} is not known here."),
        };

        PatchedSite OfHead(string kind, HeadAddress head) => new(site.ToString(), kind, head.Layer, head.Head, restored);
    }
}
