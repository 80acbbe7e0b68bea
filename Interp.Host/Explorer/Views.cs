using Interp.Host.Pages;

namespace Interp.Host.Explorer;

/// <summary>A view of a live page: a place that its script fills, under a heading.</summary>
/// <param name="Name">What its script is called.</param>
/// <param name="Title">The heading.</param>
/// <param name="Short">The same in the table of contents.</param>
/// <param name="Words">What one sees there.</param>
internal sealed record View(string Name, string Title, string Short, string Words)
{
    /// <summary>Whether it has anything to show of a model.</summary>
    public Func<ExploredModel, bool> Shows { get; init; } = _ => true;

    /// <summary>The place that a script fills.</summary>
    public static Html Place(string name) => Html.Of($"<div data-view=\"{name}\"></div>");

    /// <summary>The same standing in a story; nothing where its models are not on the page.</summary>
    public static Html InStory(bool isLive, string name, Html words) => isLive ? Html.Of($"<p>{words}</p>\n{Place(name)}\n") : Html.Empty;

    /// <summary>A chapter with this view alone.</summary>
    public Section Section() => new(
        Name,
        Title,
        Short,
        Html.Of($"<p>{Words}</p>\n{Place(Name)}\n<noscript><p class=\"note\">{Title}: needs JavaScript.</p></noscript>\n"));
}

/// <summary>All views of a page, in their order.</summary>
internal static class Views
{
    public static IReadOnlyList<View> All { get; } =
    [
        new("choose", "Which model", "Model", "All that is below is of this model, as it was after this many steps of training."),
        new(
            "text",
            "Type a text",
            "Text",
            "After each token the model says what comes next: its likeliest tokens, how likely they are, and how surprised it is by the one that does come, in nats. It can go on by itself, too."),
        new(
            "attention",
            "Where heads look",
            "Attention",
            "Each head mixes what stands at earlier positions, in shares that sum to one. A row is the position that looks, a column the position that is looked at."),
        new(
            "interventions",
            "Switch parts off, or put an explanation in the model's place",
            "Interventions",
            "Any head can write nothing, or its mean, or keep the pattern that it has; a cut takes from a head what an earlier one wrote. An explanation runs in the model's place, side by side with it. The loss over a fixed set of texts says what each is worth.")
        {
            Shows = model => model.Given.Architecture.NLayers > 0 || model.Explanations.Count > 0,
        },
        new(
            "circuits",
            "Open a circuit",
            "Circuits",
            "OV says what attending to a token adds to the logits, QK which tokens a token looks for, the direct path what follows a token without any attention. Eigenvalues tell copying, to the right of zero, from its opposite."),
        new(
            "composition",
            "Heads that read heads",
            "Composition",
            "How much of what a head wrote a later head reads, through its queries, keys and values. An edge that is cut is cut everywhere on this page.")
        {
            Shows = model => model.Given.Architecture.NLayers > 1,
        },
        new(
            "attribution",
            "Why this token",
            "Attribution",
            "The logits at a position are exactly a sum over paths: straight from the token, and through the values of heads. Each bar is one path; opened, it shows which positions it comes from."),
        new(
            "training",
            "How it came to be",
            "Training",
            "The weights were kept on the way. The slider moves through training, and everything on this page follows.")
        {
            Shows = model => model.Snapshots.Count > 1,
        },
        new(
            "share",
            "Show it to somebody",
            "Share",
            "All that was chosen here is in the page's address. The same numbers come from these lines."),
    ];
}
