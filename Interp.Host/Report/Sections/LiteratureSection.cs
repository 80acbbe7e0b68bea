using Interp.Host.Pages;

namespace Interp.Host.Report.Sections;

/// <summary>The study, and where each measure of a page comes from.</summary>
internal static class LiteratureSection
{
    /// <summary>The study's author, as he calls himself.</summary>
    private const string Handle = "CG80499";

    private sealed record Work(string Who, int Year, string Title, string Address, string What);

    private static readonly Work[] Study =
    [
        new(Handle, 2022, "Attempting to reverse engineer one-layer transformers", "https://github.com/CG80499/interpretability_one_layer_transformers", "the study"),
        new(Handle, 2022, "Attention-only transformers", "https://github.com/CG80499/Attention-only-transformers", "its code, and the step to two layers"),
    ];

    private static readonly Work[] OfModels =
    [
        new("Elhage and others", 2021, "A mathematical framework for transformer circuits", "https://transformer-circuits.pub/2021/framework/index.html", "OV and QK circuits, eigenvalue and composition scores, sums over paths"),
        new("Olsson and others", 2022, "In-context learning and induction heads", "https://arxiv.org/abs/2209.11895", "smeared keys, induction, prefix matching, copying, the in-context learning score"),
        new("Vaswani and others", 2017, "Attention is all you need", "https://arxiv.org/abs/1706.03762", "attention, the position code"),
        new("Loshchilov and Hutter", 2019, "Decoupled weight decay regularization", "https://arxiv.org/abs/1711.05101", "AdamW"),
        new("Michel, Levy and Neubig", 2019, "Are sixteen heads really better than one?", "https://arxiv.org/abs/1905.10650", "the loss without a head"),
        new("Molchanov and others", 2017, "Pruning convolutional neural networks for resource efficient inference", "https://arxiv.org/abs/1611.06440", "gradient times activation as an estimate of it"),
        new("Kullback and Leibler", 1951, "On information and sufficiency", "https://doi.org/10.1214/aoms/1177729694", "how far predictions are from others"),
        new("Eckart and Young", 1936, "The approximation of one matrix by another of lower rank", "https://doi.org/10.1007/BF02288367", "explanations of a rank"),
    ];

    private static readonly Work[] OfCounts =
    [
        new("Wilson", 1927, "Probable inference, the law of succession, and statistical inference", "https://doi.org/10.1080/01621459.1927.10502953", "intervals of shares"),
        new("Howard, Ramdas, McAuliffe and Sekhon", 2021, "Time-uniform, nonparametric, nonasymptotic confidence sequences", "https://arxiv.org/abs/1810.08240", "intervals that may be looked at after every training"),
        new("Waudby-Smith and Ramdas", 2024, "Estimating means of bounded random variables by betting", "https://arxiv.org/abs/2010.09686", "the same"),
    ];

    /// <summary>Of a reproduction's page.</summary>
    public static Section OfReproduction { get; } = Write([.. Study, .. OfModels]);

    /// <summary>Of a study's page.</summary>
    public static Section OfSurvey { get; } = Write([.. Study, .. OfModels, .. OfCounts]);

    /// <summary>The study in a few words, with links.</summary>
    public static Html Cited => Html.Of($"“{Link(Study[0])}” by {Handle}, 2022, and {Link(Study[1])}");

    private static Section Write(IReadOnlyList<Work> works) => new("literature", "Where this comes from", "Literature", Html.Of($"""
        <ul class="literature">
        {Html.Join(works, work => Html.Of($"<li>{work.Who} ({work.Year}). {Link(work)}. <span class=\"rule\">Here: {work.What}.</span></li>\n"))}
        </ul>
        """));

    private static Html Link(Work work) => Html.Of($"<a href=\"{work.Address}\" rel=\"noreferrer\">{work.Title}</a>");
}
