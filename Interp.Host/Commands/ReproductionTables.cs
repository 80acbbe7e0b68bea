using Interp.Runs.Results;
using Interp.Runs.Surroundings;
using Interp.Runs.Wording;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary>What a reproduction says on the console of one model: every figure beside the study's.</summary>
internal static class ReproductionTables
{
    public static void Show(IAnsiConsole console, ModelResults model)
    {
        console.WriteLine();
        console.Write(new Rule($"[bold]{Names.Markup(model.Name)} model[/]").LeftJustified());
        console.Write(Losses(model));
        console.Write(Completions(model));
        console.Write(Scores(model));
        EvaluateCommand.ShowBehaviour(console, model.Evaluation);
        AttentionCommand.ShowByOffset(console, model.Attention.ByOffset);
        console.Write(AblateCommand.Table(model.Ablations[0]));
        if (model.Composition is { } composition)
        {
            ComposeCommand.Show(console, composition);
        }

        foreach (var each in model.Explanations?.Told ?? [])
        {
            Terminal.Line(console, $"{each.Name}: {ExplanationWords.Sentence(each.Judged, model.Explanations!.Numbers, model.Explanations.Names)}");
        }

        console.Write(ClaimTable(model));
    }

    private static Table Losses(ModelResults model)
    {
        var table = Titled("loss, nats a letter").AddColumns("last batch", "held out", "study's, held out", "floor");
        var study = VariantModule.ofArchitecture(model.Configuration.Architecture)?.Value is { } variant ? Published.value(variant, Quantity.HeldOutLoss).Value.ToString() : "-";
        table.AddRow(Words.Nats(model.Loss), Words.Nats(model.HeldOutLoss), study, Words.Nats(model.Floor));
        return table;
    }

    private static Table Completions(ModelResults model)
    {
        var table = Titled("completions of the study's prompts").AddColumns("prompt", "this run", "study's", "correct");
        foreach (var completion in model.Completions)
        {
            table.AddRow(
                new Text(Letters.toText(completion.Prompt)),
                Texts.Marked(Tasks.study.Tokens, completion),
                new Text(model.Published?.Completions.FirstOrDefault(printed => printed.Prompt == Letters.toText(completion.Prompt))?.Completion ?? "-"),
                new Text(completion.Expected is { Value: var expected } ? Letters.toText(expected) : "-"));
        }

        return table;
    }

    /// <summary>Heads of different runs have nothing in common but their rank, so the study's are set beside ours in order of score.</summary>
    private static Table Scores(ModelResults model)
    {
        var table = Titled("eigenvalue scores, a layer's heads by rank").AddColumns("circuit", "this run", "of random weights", "stands", "study's");
        foreach (var layer in model.Circuits.OV.GroupBy(head => head.Head.Layer))
        {
            var studyScores = model.Published is { } published && layer.Key < published.OVScores.Length ? published.OVScores[layer.Key].OrderDescending().ToArray() : [];
            foreach (var (rank, head) in layer.OrderByDescending(head => head.Scores.Eigenvalues.Score).Index())
            {
                Row($"OV, head {head.Head}", head.Scores.Eigenvalues, rank < studyScores.Length ? studyScores[rank] : null);
            }
        }

        foreach (var layer in model.Circuits.OVSum)
        {
            Row($"OV, sum over layer {layer.Layer}", layer.Scores.Eigenvalues, model.Published?.OVSumScore?.Value);
        }

        Row("direct path", model.Circuits.DirectPath.Eigenvalues, model.Published?.DirectPathScore);
        return table;

        void Row(string name, Compared circuit, double? study) => table.AddRow(
            name,
            Words.Score(circuit.Score),
            Words.Null(circuit.Null),
            Words.Standing(circuit.Standing),
            study is { } score ? Words.Score(score) : "-");
    }

    private static Table ClaimTable(ModelResults model)
    {
        var table = Titled("the study's claims, measured")
            .AddColumn("claim")
            .AddColumn(new TableColumn("this run").RightAligned().NoWrap())
            .AddColumn(new TableColumn("asked for").NoWrap())
            .AddColumn(new TableColumn("study's").RightAligned())
            .AddColumn(new TableColumn("distance").NoWrap())
            .AddColumn(new TableColumn("").NoWrap());
        foreach (var outcome in model.Outcomes)
        {
            var color = outcome.Verdict.IsHolds ? "green" : outcome.Verdict.IsFails ? "red" : "yellow";
            table.AddRow(
                new Text(outcome.Lacks is { Value: var lacks } ? $"{outcome.Claim.Sentence} ({lacks})" : outcome.Claim.Sentence),
                Lines(OutcomeWords.Value),
                Lines(OutcomeWords.Asked),
                Lines(condition => OutcomeWords.Published(outcome.Claim, condition)),
                Lines(OutcomeWords.Margin),
                new Markup($"[{color}]{outcome.Verdict}[/]"));

            Text Lines(Func<ConditionOutcome, string> write) => new(string.Join('\n', outcome.Conditions.Select(write)));
        }

        return table;
    }

    private static Table Titled(string title) => new Table().Border(TableBorder.Rounded).Title(title);
}
