using Interp.Host.Explorer;
using Interp.Host.Pages;
using Interp.Host.Report.Sections;
using Interp.Pictures;
using Interp.Runs.Results;
using Interp.Runs.Wording;

namespace Interp.Host.Report;

/// <summary>The page of a reproduction: which sections, in which order.</summary>
internal static class ReproductionReport
{
    public static Html Write(Reproduction run, IReadOnlyList<Picture> pictures, IReadOnlyList<ExploredModel> live)
    {
        var figures = new FigureMarkup(pictures);
        var isLive = live.Count > 0;
        var first = run.Models[0].Configuration;
        var (one, two) = (run.Models.Any(model => model.Configuration.Architecture.NLayers == 1), run.Models.Any(model => model.Composition is not null));
        var (title, lede) = (one, two) switch
        {
            (true, true) => ("Transformers of one and two layers, taken apart again", "A reproduction of a 2022 study of what one attention layer can and cannot learn from repeated letters, and of its author’s step to two."),
            (false, true) => ("A two-layer transformer, taken apart again", "A reproduction of what followed a 2022 study of one-layer transformers: a second layer, and the heads that read heads."),
            _ => ("One-layer transformers, taken apart again", "A reproduction of a 2022 study of what one attention layer can and cannot learn from repeated letters."),
        };
        var header = Html.Of($"""
            <h1>{title}</h1>
            <p class="lede">{lede}</p>
            <p class="facts"><span>seed {run.Run.Seed}</span> <span>{Words.Count(run.Run.Steps)} steps a model</span> <span>{run.Run.Started.ToString("d MMMM yyyy")}</span> <span>interp {run.Run.Version}</span></p>
            """);
        Section[] sections =
        [
            Summary.Write(run),
            QuestionSection.Question(one, two),
            QuestionSection.Task(run.Models[0].Repetition),
            ModelSection.Write(run),
            LossSection.Write(run, figures),
            CompletionSection.Write(run),
            .. isLive ? [TrySection.Write()] : Array.Empty<Section>(),
            CircuitSection.Write(run, figures, isLive),
            AttentionSection.Write(run, figures, isLive),
            HeadSection.Write(run, figures),
            AblationSection.Write(run, figures),
            .. two ? [CompositionSection.Write(run, figures, isLive)] : Array.Empty<Section>(),
            .. run.Models.Any(model => model.Explanations is not null) ? [ExplanationSection.Write(run, figures)] : Array.Empty<Section>(),
            OutcomeSection.Write(run),
            TrapSection.Write(run.Models[0].Repetition, first.Architecture),
            RunSection.Write(run, isLive),
            LiteratureSection.OfReproduction,
        ];
        var footer = Html.Of($"<p>Written by interp {run.Run.Version}. The study: {LiteratureSection.Cited}. Pictures are set in Inter (SIL Open Font License).</p>");
        return isLive ? Page.WriteLive(title, header, sections, footer, ExploreJson.Of(live)) : Page.Write(title, header, sections, footer);
    }
}
