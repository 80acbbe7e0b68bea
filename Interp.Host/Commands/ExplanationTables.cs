using Interp.Host.Json;
using Interp.Runs.Results;
using Interp.Runs.Surroundings;
using Interp.Runs.Wording;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary>Judged explanations on the console.</summary>
internal static class ExplanationTables
{
    /// <summary>Texts side by side that fit on a console.</summary>
    private const int MostColumns = 3;

    /// <summary>Letters of a head that are shown from either end.</summary>
    private const int MostLetters = 8;

    public static void Show(IAnsiConsole console, ExplanationResults results)
    {
        if (results.Told.Count > 0)
        {
            console.Write(Table("explanations", results.Told, each => each.Name, results));
            foreach (var each in results.Told)
            {
                Terminal.Line(console, $"{each.Name}: {ExplanationWords.Sentence(each.Judged, results.Numbers, results.Names)}");
                if (each.Name != each.Text)
                {
                    Terminal.Line(console, $"  {each.Text}");
                }

                foreach (var note in ExplanationJson.Notes(each.Judged))
                {
                    Terminal.Line(console, $"  {note}");
                }
            }

            console.Write(Elsewhere(results.Told));
            foreach (var few in results.Told.Chunk(MostColumns))
            {
                console.Write(Worst(few, results.Names));
            }
        }

        if (results.Forms.Count > 0)
        {
            console.Write(Table("single forms", results.Forms, each => each.Name, results));
        }

        if (results.Ladder.Count > 0)
        {
            var rungs = results.Ladder.Index().ToDictionary(rung => rung.Item, rung => $"rung {rung.Index}");
            console.Write(Table("the ladder: from the exact model down", results.Ladder, each => rungs[each], results));
            foreach (var each in results.Ladder)
            {
                Terminal.Line(console, $"{rungs[each]}: {each.Text}");
            }
        }

        foreach (var note in results.All.Select(each => (each.Name, Note: ExplanationWords.Ablation(each.Judged))).Where(each => each.Note is not null).Distinct())
        {
            Terminal.Line(console, $"{note.Name} {note.Note}.");
        }

        if (results.Letters is { } letters)
        {
            console.Write(Letters(letters, results.Names));
            Terminal.Line(console, ExplanationWords.Letters(letters));
        }
    }

    private static Table Table(string title, IReadOnlyList<JudgedExplanation> explanations, Func<JudgedExplanation, string> name, ExplanationResults results)
    {
        var table = new Table()
            .Border(TableBorder.Rounded)
            .ShowRowSeparators()
            .Title($"{title}; the model: {Words.Count(results.Numbers)} numbers, loss {ExplanationWords.Estimate(results.Loss!)}")
            .AddColumn("explanation");
        foreach (var column in new[] { "kept", "loss", "recov-\nered", "KL", "explained", "agree", "where\nwrong", "shuffled:\nmean,\n5 to 95 %", "un-\ntrained", "bigram\nnoise" })
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        foreach (var each in explanations)
        {
            var found = each.Judged.Faithfulness;
            table.AddRow(
                Names.Markup(name(each)),
                Words.Count(each.Judged.Numbers),
                Words.Third(found.Loss.Value),
                Or(found.Recovered?.Value),
                Words.Third(found.KL.Value),
                $"{Words.Third(found.Explained.Value)}\n±{Words.Third(found.Explained.Error)}",
                Words.Third(found.Agreement.Value),
                Or(found.AgreementWhereWrong?.Value.Value),
                each.Judged.Null.Shuffled is { Value: { Explained: var by } } ? $"{Words.Third(by.Mean)}\n{Words.Third(by.P05)}\nto {Words.Third(by.P95)}" : None,
                Or(each.Judged.Null.Untrained?.Value),
                Or(each.Judged.Null.BigramNoise?.Value));
        }

        return table;
    }

    private const string None = "-";

    private static string Or(double? value) => value is { } number ? Words.Third(number) : None;

    /// <summary>On other texts, where rules part that are one on the task's own.</summary>
    private static Table Elsewhere(IReadOnlyList<JudgedExplanation> explanations)
    {
        var table = new Table()
            .Border(TableBorder.Rounded)
            .Title("on other texts, and prompts completed as the model completes them")
            .AddColumns("explanation", "texts", "KL", "explained", "agree", "completed alike");
        foreach (var each in explanations)
        {
            table.AddRow(
                Names.Markup(each.Name), "the task's", ExplanationWords.Estimate(each.Judged.Faithfulness.KL), ExplanationWords.Estimate(each.Judged.Faithfulness.Explained),
                ExplanationWords.Estimate(each.Judged.Faithfulness.Agreement), each.Judged.CompletedAlike is { Value: var alike } ? ExplanationWords.Estimate(alike) : None);
            foreach (var texts in each.Judged.Elsewhere)
            {
                table.AddRow(
                    string.Empty, Names.Markup(texts.Texts), ExplanationWords.Estimate(texts.KL), ExplanationWords.Estimate(texts.Explained),
                    ExplanationWords.Estimate(texts.Agreement), string.Empty);
            }
        }

        return table;
    }

    private static Table Worst(IReadOnlyList<JudgedExplanation> explanations, Vocabulary names)
    {
        var table = new Table().Border(TableBorder.Rounded).Title("texts on which explanation and model part most, KL in nats");
        foreach (var each in explanations)
        {
            table.AddColumn(Names.Markup(each.Name));
        }

        for (var row = 0; row < explanations.Max(each => each.Judged.Faithfulness.Worst.Length); row++)
        {
            table.AddRow([.. explanations.Select(each => each.Judged.Faithfulness.Worst.ElementAtOrDefault(row) is { } text
                ? $"{Names.Markup(VocabularyModule.toText(names, text.Text))} {Words.Third(text.KL)}"
                : string.Empty)]);
        }

        return table;
    }

    private static Table Letters(HeadLetters letters, Vocabulary names)
    {
        var table = new Table()
            .Border(TableBorder.Rounded)
            .Title("letters that each head looks for: what the key's letter alone adds to its scores")
            .AddColumns("head", "most", "least");
        foreach (var head in letters.Heads)
        {
            var ordered = head.Strengths.Index().OrderByDescending(entry => entry.Item).ToArray();
            table.AddRow(
                $"{head.Head}",
                Shown(ordered.Where(entry => !(entry.Item <= 0)).Take(MostLetters)),
                Shown(ordered.Reverse().Where(entry => entry.Item < 0).Take(MostLetters)));
        }

        return table;

        string Shown(IEnumerable<(int Index, double Item)> entries) =>
            Names.Markup(string.Join(", ", entries.Select(entry => $"{NamedText.Label(names, entry.Index)} {Words.Tenth(entry.Item)}")));
    }
}
