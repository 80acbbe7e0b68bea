using Interp.Host.Results;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary>What a reproduction says on the console of one model: every figure beside the study's.</summary>
internal static class ReproductionTables
{
    public static void Show(IAnsiConsole console, ModelResults model)
    {
        console.WriteLine();
        console.Write(new Rule($"[bold]{Markup.Escape(model.Name)} model[/]").LeftJustified());
        console.Write(Losses(model));
        console.Write(Completions(model));
        console.Write(Scores(model));
        EvaluateCommand.ShowBehaviour(console, model.Evaluation);
        AttentionCommand.ShowByOffset(console, model.Attention.ByOffset);
        console.Write(ObservationTable(model));
    }

    private static Table Losses(ModelResults model)
    {
        var table = Titled("loss, nats a letter").AddColumns("last batch", "held out", "study's, held out", "floor");
        var study = model.Study is { } published ? (published.LossIsApproximate ? "about " : "") + published.Loss : "-";
        table.AddRow(Words.Nats(model.Loss), Words.Nats(model.HeldOutLoss), study, Words.Nats(model.Floor));
        return table;
    }

    private static Table Completions(ModelResults model)
    {
        var table = Titled("completions of the study's prompts").AddColumns("prompt", "this run", "study's", "correct");
        foreach (var completion in model.Completions)
        {
            table.AddRow(
                new Text(completion.Prompt),
                Texts.Marked(completion),
                new Text(model.Study?.CompletionOf(completion.Prompt) ?? "-"),
                new Text(completion.Expected ?? "-"));
        }

        return table;
    }

    /// <summary>Heads of different runs have nothing in common but their rank, so the study's are set beside ours in order of score.</summary>
    private static Table Scores(ModelResults model)
    {
        var table = Titled("eigenvalue scores, heads by rank").AddColumns("circuit", "this run", "study's");
        var studyScores = model.Study?.OVScores.OrderDescending().ToArray() ?? [];
        foreach (var (rank, head) in model.Circuits.OV.OrderByDescending(head => head.Score).Index())
        {
            table.AddRow($"OV, head {head.Head}", Words.Score(head.Score), rank < studyScores.Length ? Words.Score(studyScores[rank]) : "-");
        }

        foreach (var layer in model.Circuits.OVSum)
        {
            table.AddRow("OV, sum of the heads", Words.Score(layer.Score), model.Study?.OVSumScore is { } sum ? Words.Score(sum) : "-");
        }

        table.AddRow(
            "direct path",
            Words.Score(model.Circuits.DirectPath.Score),
            model.Study is { } study ? Words.Score(study.DirectPathScore) : "-");
        return table;
    }

    private static Table ObservationTable(ModelResults model)
    {
        var table = Titled("the study's observations, measured").AddColumns("observation", "measured as", "value", "");
        foreach (var observation in model.Observations)
        {
            var verdict = observation.Verdict switch
            {
                Verdict.Holds => "[green]holds[/]",
                Verdict.NearlyHolds => "[yellow]nearly holds[/]",
                _ => "[red]does not hold[/]",
            };
            table.AddRow(
                new Text(observation.Claim), new Text(observation.Measure), new Text(observation.Shown), new Markup(verdict));
        }

        return table;
    }

    private static Table Titled(string title) => new Table().Border(TableBorder.Rounded).Title(title);
}
