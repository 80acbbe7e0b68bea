using Interp.Host.Figures;
using Interp.Host.Report.Sections;
using Interp.Host.Results;

namespace Interp.Host.Report;

/// <summary>The page of a reproduction: which sections, in which order.</summary>
internal static class StudyReport
{
    private const string Title = "One-layer transformers, taken apart again";

    public static Html Write(Reproduction run, IReadOnlyList<Picture> pictures)
    {
        var figures = new FigureMarkup(pictures);
        var task = run.Models[0].Configuration;
        return Page.Write(
            Title,
            Html.Of($"""
                <h1>{Title}</h1>
                <p class="lede">A reproduction of a 2022 study of what one attention layer can and cannot learn from repeated letters.</p>
                <p class="facts"><span>seed {run.Run.Seed}</span> <span>{Words.Count(run.Run.Steps)} steps a model</span> <span>{run.Run.Started.ToString("d MMMM yyyy")}</span> <span>interp {run.Run.Version}</span></p>
                """),
            [
                Summary.Write(run),
                QuestionSection.Question(),
                QuestionSection.Task(task),
                ModelSection.Write(run),
                LossSection.Write(run, figures),
                CompletionSection.Write(run),
                CircuitSection.Write(run, figures),
                AttentionSection.Write(run, figures),
                ObservationSection.Write(run),
                TrapSection.Write(task),
                RunSection.Write(run),
            ],
            Html.Of($"<p>Written by interp {run.Run.Version}. The study: “Attempting to reverse engineer one-layer transformers”, 2022. Pictures are set in Inter (SIL Open Font License).</p>"));
    }
}
