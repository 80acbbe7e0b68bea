using Interp.Host.Pages;
using Interp.Host.Surveys;
using Interp.Pictures;
using Interp.Runs.Wording;

namespace Interp.Host.Report.SurveySections;

/// <summary>What was trained, how the losses fell, and what is missing.</summary>
internal static class TrainingSection
{
    /// <summary>What the sequences are, in words that go on from "sequences".</summary>
    private static string Sequences(SurveyPage page)
    {
        var tasks = page.Groups.Select(group => group.Results[0].Item.Configuration.Task).Distinct().ToArray();
        return tasks.All(task => TaskFormModule.repetition(task) is not null) ? "of a random pattern of letters, repeated" : $"of the {(tasks.Length == 1 ? "task" : "tasks")} {Prose.List([.. tasks.Select(task => $"“{task}”")])}";
    }

    public static Section Write(SurveyPage page, FigureMarkup figures) => new("trainings", "What was trained", "Trainings", Html.Of($"""
        <p>Every training reads sequences {Sequences(page)}, and learns to predict the next letter. Only the seed differs within a row: the first weights and all
        sequences follow from it. All models are measured on the same sequences that none was trained on: losses and attention on {Words.Count(SurveyModule.reference.Sequences)}, completions on
        the first {Words.Count(Behaviour.mostPrompts)} of them, what heads look for on {MeasurementsModule.mostForHeads} of each of several block lengths.</p>
        {Tables.Of("Trainings", Tables.Texts("Kind", "trained", "planned", "batch", "steps", "held-out loss, median", "least", "most"), Kinds(page).Select(kind => Row(page, kind)))}
        {LiveTrainings.Links(page)}
        {Gone(page)}
        {Losses(page, figures)}
        """));

    /// <summary>One item of every kind that was planned; of some there may be no result.</summary>
    private static IEnumerable<SurveyItem> Kinds(SurveyPage page) =>
        SurveyModule.items(page.Survey).Where(item => item.Configuration.Seed == page.Survey.FirstSeed);

    private static Html[] Row(SurveyPage page, SurveyItem kind)
    {
        var c = kind.Configuration;
        var named = new Group(kind.Variant, kind.Setting);
        var group = page.Groups.FirstOrDefault(group => group.Group.Equals(named));
        var losses = group?.Values(Quantity.HeldOutLoss) ?? [];
        return Tables.Texts(
            SurveyPage.Title(named),
            (group?.Results.Count ?? 0).ToString(),
            $"{(page.Survey.UntilDecided ? "at most " : "")}{page.Survey.Seeds}",
            c.Batch.ToString(),
            Words.Count(c.Steps),
            losses.Length == 0 ? "–" : Words.Nats(Statistics.median(losses)),
            losses.Length == 0 ? "–" : Words.Nats(losses.Min()),
            losses.Length == 0 ? "–" : Words.Nats(losses.Max()));
    }

    /// <summary>Failures and what was not done, so that nobody takes a part for the whole.</summary>
    private static Html Gone(SurveyPage page) => Html.Of($"""
        {(page.Failed.Count == 0 ? Html.Empty : Tables.Of(
            $"{Prose.Capital(Prose.Count(page.Failed.Count, "training"))} failed; {(page.Failed.Count == 1 ? "it counts" : "they count")} nowhere",
            Tables.Texts("Item", "why"),
            page.Failed.Select(item => Tables.Texts(Prose.Capital(SurveyDirectory.Name(SurveyModule.items(page.Survey)[item.Index])), item.Why)),
            numeric: false))}
        {(page.Missing.Count > 0 && page.Survey.UntilDecided ? Html.Of($"""
            <p><strong>Not every claim is decided yet</strong>: of items {Ranges(page.Missing)} more may be wanted. To go on: <code>interp study run {page.Directory}</code></p>
            """) : page.Missing.Count == 0 ? Html.Empty : Html.Of($"""
            <p><strong>{Prose.Capital(Prose.Count(page.Missing.Count, "planned training"))} {(page.Missing.Count == 1 ? "is" : "are")} not done yet</strong> ({(page.Missing.Count == 1 ? "item" : "items")} {Ranges(page.Missing)}); this page speaks of the others.
            To do the rest: <code>interp study run {page.Directory}</code></p>
            """))}
        """);

    /// <summary>"3 to 7, 9".</summary>
    private static string Ranges(IReadOnlyList<int> indices)
    {
        var runs = indices.Index().GroupBy(entry => entry.Item - entry.Index).Select(run => (First: run.First().Item, Last: run.Last().Item)).ToArray();
        var shown = runs.Take(12).Select(run => run.First == run.Last ? $"{run.First}" : $"{run.First} to {run.Last}");
        return string.Join(", ", shown) + (runs.Length > 12 ? ", …" : string.Empty);
    }

    private static Html Losses(SurveyPage page, FigureMarkup figures)
    {
        var pictures = SurveyLossFigures.Of(page.Groups).Select(figure => figure.Name).ToArray();
        var caption = Html.Text(
            "Held-out loss on the way. Lines are medians over trainings; bands reach "
            + Prose.List([.. page.Groups.Select(group => SurveyLossFigures.Band(group.Results.Count)).Distinct()])
            + ". The dashed line is the floor, where it is known: what the best of all predictors would lose, as some letters are chance, so that no model can be below it.");
        return pictures.Length switch
        {
            0 => Html.Empty,
            1 => figures.One(pictures[0], caption, page.ReportCommand),
            _ => figures.Grid(2, pictures, caption, page.ReportCommand),
        };
    }
}
