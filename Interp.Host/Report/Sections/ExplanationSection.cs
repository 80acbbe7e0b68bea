using Interp.Host.Pages;
using Interp.Pictures;
using Interp.Runs.Results;
using Interp.Runs.Wording;
using Microsoft.FSharp.Collections;

namespace Interp.Host.Report.Sections;

/// <summary>What the study said, how much of the model that is, and what the model really does.</summary>
internal static class ExplanationSection
{
    /// <summary>Shares of the model that the page asks the fewest numbers for.</summary>
    private static readonly double[] Asked = [0.9, 0.8];

    public static Section Write(Reproduction run, FigureMarkup figures) => new("explanations", "What was said, and what the models do", "Explanations", Html.Of($"""
        <p>If one believes an explanation, what does it predict, and how far is that from what the model does? Here each is written down as what it keeps of the model:
        tables between letters by a few numbers, attention by a rule or an average. Run in the model’s place it has predictions of its own, and they are held against the
        model’s. What it <strong>explains</strong> is {MathMarkup.Inline(MathMarkup.Row(MathMarkup.Number("1"), MathMarkup.Operator("−"), MathMarkup.Upright("KL"), MathMarkup.Operator("/"), MathMarkup.Upright("KL(nothing)")))},
        KL being the Kullback–Leibler divergence from the model’s predictions to its own, and KL(nothing) that to an explanation which keeps nothing: 1 only for equal
        predictions. Beside it stand three nulls: the same with the letters that it keeps shuffled, the same explanation of the model before training, and of a model of this shape that was
        trained where there is nothing to copy. A form that fits anything explains nothing.</p>
        {Html.Join(run.Models.Where(model => model.Explanations is not null), model => Model(model, model.Explanations!, figures))}
        """));

    private static Html Model(ModelResults model, ExplanationResults explanations, FigureMarkup figures) => Html.Of($"""
        <h3>{Labels.Model(model)}</h3>
        {Said(model)}
        {Html.Join(explanations.Told, each => Html.Of($"<p><strong>{Prose.Capital(each.Name)}</strong>, as a text <code>{each.Text}</code>, {ExplanationWords.Sentence(each.Judged, explanations.Numbers, explanations.Names)}</p>\n"))}
        {Tables.Of(
            $"What explanations explain, {Prose.Keys(model)}; the model is {Words.Count(explanations.Numbers)} numbers",
            Tables.Texts("Explanation", "numbers kept", "explained", "agreement", "where the model is wrong", "letters shuffled, 5 to 95 %", "untrained", "bigram noise"),
            explanations.Told.Concat(explanations.Forms).Select(Row))}
        <p>{What(explanations)}</p>
        {(explanations.Letters is { } letters ? Html.Of($"""
            <p>{Divided(letters, explanations.Names)} {ExplanationWords.Letters(letters)}</p>
            {figures.One(
                $"{model.Name}-explain-letters",
                Html.Of($"<strong>{Labels.Model(model)}, the letters of each head.</strong> What the key’s letter alone adds to a head’s scores, less its mean: blue is looked for, orange is not."),
                CommandLines.Explain(model))}
            """) : Html.Empty)}
        {figures.One(
            $"{model.Name}-explain-ladder",
            Html.Of($"<strong>{Labels.Model(model)}, what explanations cost.</strong> {Ladder(explanations)} The command judges all single forms and all of the ladder."),
            CommandLines.Explain(model))}
        {(explanations.Told.Count > 0 ? figures.One(
            $"{model.Name}-explain-positions",
            Html.Of($"<strong>{Labels.Model(model)}, where what was said fails.</strong> KL from the model to what the study said, by the position that is predicted."),
            CommandLines.Explain(model)) : Html.Empty)}
        """);

    /// <summary>In the study's words; what they come to is not said here.</summary>
    private static Html Said(ModelResults model) => (model.Configuration.Architecture.NLayers, model.Configuration.Architecture.Smear.IsKeys) switch
    {
        (1, false) => Html.Of($"""
            <p><strong>What the study said.</strong> “The model is just copying the past couple of tokens”; the heads attend alike, “so consider the sum of the OV circuits”; the direct
            path keeps a letter from being predicted after itself.</p>
            """),
        (1, true) => Html.Of($"""
            <p><strong>What the study said.</strong> Copying heads look five letters back, the others at the letters just before. And as a picture: a query is a padlock, and a key opens
            its own letter’s.</p>
            """),
        (2, false) => Html.Of($"""
            <p><strong>What its author said.</strong> The first layer looks by place; the second, faintly, at where the current letter stood first, and copies what followed.</p>
            """),
        _ => Html.Empty,
    };

    private static Html[] Row(JudgedExplanation each)
    {
        var (found, random) = (each.Judged.Faithfulness, each.Judged.Null);
        return Tables.Texts(
            each.Name,
            Words.Count(each.Judged.Numbers),
            ExplanationWords.Estimate(found.Explained),
            Words.Percent(found.Agreement.Value),
            found.AgreementWhereWrong is { Value: var wrong } ? Words.Percent(wrong.Value) : "–",
            random.Shuffled is { Value: { Explained: var by } } ? $"{Words.Third(by.P05)} to {Words.Third(by.P95)}" : "–",
            random.Untrained is { Value: var untrained } ? Words.Third(untrained) : "–",
            random.BigramNoise is { Value: var noise } ? Words.Third(noise) : "–");
    }

    /// <summary>What was said beside what explains more.</summary>
    private static Html What(ExplanationResults explanations)
    {
        if (!explanations.All.All(each => double.IsFinite(each.Explained)))
        {
            return Html.Text(Prose.NotFinite);
        }

        // Forms of one part may keep more numbers than the exact part has.
        var others = ListModule.OfSeq(explanations.Forms.Concat(explanations.Ladder).Select(each => each.Judged).Where(judged => judged.Numbers < explanations.Numbers));
        var said = explanations.Told.MaxBy(each => each.Explained);
        var better = said is null ? null : Findings.fewest(said.Explained, others)?.Value;
        Html[] sentences =
        [
            .. said is null ? Array.Empty<Html>() :
            [
                Html.Text(said.Explained > 0 ? $"Of what was said, the best explains {Words.Percent(said.Explained)} of the model." : "Of what was said, nothing explains anything of the model."),
                .. better is { } fewer && fewer.Numbers < said.Judged.Numbers
                    ? [Html.Of($"As much is explained with {Words.Count(fewer.Numbers)} numbers in place of {Words.Count(said.Judged.Numbers)}, by <code>{fewer.Name}</code>.")]
                    : Array.Empty<Html>(),
            ],
            .. Asked.Select(share => (Share: share, Fewest: Findings.fewest(share, others)?.Value)).Where(asked => asked.Fewest is not null).Select(asked => Html.Of(
                $"For {Words.Percent(asked.Share)} of it, {Words.Count(asked.Fewest!.Numbers)} numbers are enough: <code>{asked.Fewest.Explanation.ToString()}</code> explains {Words.Percent(asked.Fewest.Faithfulness.Explained.Value)}.")),
        ];
        return Html.Of($"<strong>What the model does.</strong> {Html.Join(" ", sentences)}");
    }

    /// <summary>Which letters belong to which head: to the one that looks for them most.</summary>
    private static string Divided(HeadLetters letters, Vocabulary names)
    {
        if (!letters.Heads.All(head => head.Strengths.All(double.IsFinite)))
        {
            return Prose.NotFinite;
        }

        var owned = letters.Heads.Select(head => (head.Head, Own: head.Strengths.Index()
            .Where(letter => letter.Item > 0 && letters.Heads.All(other => other.Strengths[letter.Index] <= letter.Item))
            .Select(letter => NamedText.Label(names, letter.Index))
            .ToArray())).ToArray();
        return $"Each letter at the head that looks for it most: {Prose.List([.. owned.Select(head => $"{head.Head} for {(head.Own.Length == 0 ? "none" : string.Join(' ', head.Own))}")])}.";
    }

    private static string Ladder(ExplanationResults explanations) => explanations.Ladder.Count > 0
        ? $"Each black point is a rung, found by greedy search from the exact model down, {Prose.Number(explanations.Ladder.Count)} of them here; the grey band is what they explain with letters shuffled."
        : "Points are explanations; the ladder of more layers than one is left to the command.";
}
