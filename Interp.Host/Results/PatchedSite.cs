namespace Interp.Host.Results;

/// <summary>A site of a model and what patching it restores.</summary>
/// <param name="Site">As in an intervention: <c>z 0.1</c>.</param>
/// <param name="Kind"><c>residual</c>, <c>q</c>, <c>k</c>, <c>v</c>, <c>pattern</c> or <c>z</c>.</param>
/// <param name="Layer">The layer; for the residual stream the layer that reads it.</param>
/// <param name="Head">Null for the residual stream.</param>
/// <param name="Restored">[pos]: share of the logit difference that comes back.</param>
internal sealed record PatchedSite(string Site, string Kind, int Layer, int? Head, IReadOnlyList<double> Restored);
