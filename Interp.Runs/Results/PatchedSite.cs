namespace Interp.Runs.Results;

/// <summary>What patching restores at a site, position by position.</summary>
internal sealed record PatchedSite(Site Site, IReadOnlyList<double> Restored)
{
    /// <summary><c>residual</c>, <c>q</c>, <c>k</c>, <c>v</c>, <c>pattern</c> or <c>z</c>.</summary>
    public string Kind => Parts.Kind;

    /// <summary>The layer, or for the residual stream the one that it stands before.</summary>
    public int Layer => Parts.Layer;

    /// <summary>Null for the residual stream.</summary>
    public int? Head => Parts.Head;

    /// <summary>What stands at the site.</summary>
    public string Meaning => Kind switch
    {
        "residual" => "residual stream",
        "q" => "queries",
        "k" => "keys",
        "v" => "values",
        "pattern" => "attention patterns",
        _ => "head outputs (z)",
    };

    private (string Kind, int Layer, int? Head) Parts => Site switch
    {
        Site.ResidualAt residual => ("residual", residual.layer, null),
        Site.QueryAt query => ("q", query.Item.Layer, query.Item.Head),
        Site.KeyAt key => ("k", key.Item.Layer, key.Item.Head),
        Site.ValueAt value => ("v", value.Item.Layer, value.Item.Head),
        Site.PatternAt pattern => ("pattern", pattern.Item.Layer, pattern.Item.Head),
        Site.OutputAt output => ("z", output.Item.Layer, output.Item.Head),
        _ => throw new System.Diagnostics.UnreachableException($"{Site} is not known here."),
    };

    /// <summary>All sites of a patching experiment.</summary>
    public static IReadOnlyList<PatchedSite> Of(Patching patching) =>
        [.. patching.Effects.GroupBy(effect => effect.Site).Select(site => new PatchedSite(site.Key, [.. site.Select(effect => effect.Restored)]))];
}
