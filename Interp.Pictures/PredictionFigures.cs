using Interp.Runs.Results;
using Interp.Runs.Wording;

namespace Interp.Pictures;

/// <summary>What a model predicts, writes and loses.</summary>
internal static class PredictionFigures
{
    /// <summary>Tokens that have a row each; of more, those that are likely somewhere.</summary>
    private const int MostTokens = 64;

    /// <summary>Of a position's tokens, those that are likely.</summary>
    private const int Likely = 4;

    /// <summary>Bars that can be told apart; of more a line is drawn.</summary>
    private const int MostBars = 26;

    /// <summary>Prompts that have a picture of their own.</summary>
    private const int MostPrompts = 40;

    /// <summary>The probability of every token after every position of a text, and the loss of the one that follows.</summary>
    public static IReadOnlyList<Figure> OfText(NamedText text, Tensor logits)
    {
        var probabilities = Grids.Matrix(TensorModule.softmax(logits));
        var tokens = Shown(text, probabilities);
        IReadOnlyList<IReadOnlyList<double?>> cells = [.. tokens.Select(token => (IReadOnlyList<double?>)[.. probabilities.Select(row => (double?)row[token])])];
        return
        [
            new(
                "logits",
                $"Probability of {(tokens.Length < probabilities[0].Count ? $"the {tokens.Length} likeliest" : $"each of {tokens.Length}")} next letters (rows) after each of {text.Length} positions of {text} (columns). "
                + string.Join("; ", probabilities.Select((row, position) => $"after {text.Place(position)} likeliest {NamedText.Label(text.Names, Likeliest(row))}, {Words.Hundredth(row.Max())}")) + ".",
                Math.Clamp(190 + (30 * text.Length), 460, 1400), 130 + (Math.Clamp(540 / tokens.Length, 17, 30) * tokens.Length),
                () => Charts.Cells(
                    "Probability of the next letter", "letter read", "next letter", "probability", cells,
                    [.. tokens.Select(token => NamedText.Label(text.Names, token))], [.. Enumerable.Range(0, text.Length).Select(text.Place)],
                    Palette.Sequential, Extent.Between(0, 1), show: null)),
            .. text.Length > 1 ? [Losses(text, Grids.Matrix(logits))] : Array.Empty<Figure>(),
        ];
    }

    /// <summary>What was written behind prompts, with the probability that each letter had: all, then one by one.</summary>
    /// <param name="completions">Prompt and completion as one text each, and the letters of the prompt.</param>
    public static IReadOnlyList<Figure> OfCompletions(IReadOnlyList<(NamedText Text, int Prompt, IReadOnlyList<double> Probabilities)> completions)
    {
        var first = completions.Min(completion => completion.Prompt);
        var last = completions.Max(completion => completion.Text.Length);
        IReadOnlyList<IReadOnlyList<double?>> cells =
        [
            .. completions.Select(completion => (IReadOnlyList<double?>)[
                .. Enumerable.Range(first, last - first).Select(place =>
                    place >= completion.Prompt && place - completion.Prompt < completion.Probabilities.Count ? completion.Probabilities[place - completion.Prompt] : (double?)null)]),
        ];
        var all = new Figure(
            "completions",
            $"Probability that each written letter had, at positions {first} to {last - 1} (columns), behind {completions.Count} prompts (rows).",
            Math.Clamp(360 + (34 * (last - first)), 480, 1400), 150 + (30 * completions.Count),
            () =>
            {
                var drawing = Charts.Cells(
                    "Probability of what is written, %", "position", string.Empty, "probability", cells,
                    [.. completions.Select(completion => completion.Text.UpTo(completion.Prompt - 1).ToString())],
                    [.. Enumerable.Range(first, last - first).Select(place => $"{place}")],
                    Palette.Sequential, Extent.Between(0, 1), share => Words.Whole(100 * share));
                drawing.Background(Palette.Empty);
                return drawing;
            });
        return [all, .. completions.Take(MostPrompts).Select(One)];
    }

    /// <summary>Losses by position, and how prompts are completed.</summary>
    public static IReadOnlyList<Figure> OfEvaluation(Evaluation results)
    {
        var losses = results.PerPositionLoss.ToArray();
        var positions = new Figure(
            "evaluation",
            $"Held-out loss of each predicted letter, of position 1 on: {string.Join(", ", losses.Select(Words.Hundredth))}; mean {Words.Nats(results.Loss)}.",
            560, 420,
            () => Line("Loss by position", "position predicted", "loss (nats)", [.. losses.Select((loss, position) => (position + 1.0, loss))]));
        if (results.Prompts is not { Value: var prompts })
        {
            return [positions];
        }

        (string Kind, PromptRates Rates)[] kinds = prompts.ByPattern is { Value: var patterns }
            ? [("letters differ", patterns.Distinct), ("a letter repeats", patterns.Repeated)]
            : [("all", prompts.All)];
        var bars = kinds.SelectMany((kind, index) => new[]
        {
            ($"exact, {kind.Kind}", kind.Rates.Exact, Palette.Of(index)),
            ($"letters right, {kind.Kind}", kind.Rates.Letters, Palette.Of(index)),
        }).ToArray();
        return
        [
            positions,
            new(
                "completed",
                "Prompts completed exactly, and letters written that are right, as shares: " + string.Join("; ", bars.Select(bar => $"{bar.Item1}: {Words.Hundredth(bar.Item2)}")) + ".",
                240 * bars.Length, 400,
                () => Charts.Bars("Prompts completed", "share", bars, null)),
        ];
    }

    /// <summary>Of every input, the shares completed by class.</summary>
    /// <param name="kind">What a class is.</param>
    /// <param name="classes">Their names, their inputs and those that are completed.</param>
    public static IReadOnlyList<Figure> OfExact(string kind, IEnumerable<(string Name, long Count, long Exact)> classes)
    {
        var bars = classes
            .Where(each => each.Count > 0)
            .OrderByDescending(each => each.Count)
            .Take(MostBars)
            .Select(each => (each.Name, Share: (double)each.Exact / each.Count, Palette.Raises))
            .ToArray();
        return bars.Length == 0 ? [] :
        [
            new(
                "exact",
                $"Shares completed exactly by {kind}, of the classes with most inputs: " + string.Join("; ", bars.Select(bar => $"{bar.Name}: {Words.Third(bar.Share)}")) + ".",
                Math.Clamp(90 * bars.Length, 480, 1800), 420,
                () => Charts.Bars($"Completed exactly, by {kind}", "share", bars, null)),
        ];
    }

    private static Figure Losses(NamedText text, IReadOnlyList<IReadOnlyList<float>> logits)
    {
        var losses = Enumerable.Range(0, text.Length - 1).Select(position => Loss(logits[position], text[position + 1])).ToArray();
        return new(
            "loss",
            $"Loss of the letter that follows: " + string.Join("; ", losses.Select((loss, position) => $"{text.Place(position + 1)}: {Words.Hundredth(loss)}")) + ".",
            Math.Clamp(120 + (46 * losses.Length), 460, 1400), 380,
            () => losses.Length <= MostBars
                ? Charts.Bars("Loss of the letter that follows", "loss (nats)", [.. losses.Select((loss, position) => (text.Place(position + 1), loss, Palette.Raises))], ("mean", losses.Average()))
                : Line("Loss of the letter that follows", "position predicted", "loss (nats)", [.. losses.Select((loss, position) => (position + 1.0, loss))]));
    }

    /// <summary>In double precision, where no letter is so unlikely that its loss were infinite.</summary>
    private static double Loss(IReadOnlyList<float> logits, int token)
    {
        double most = logits.Max();
        return Math.Log(logits.Sum(logit => Math.Exp(logit - most))) + most - logits[token];
    }

    private static Figure One((NamedText Text, int Prompt, IReadOnlyList<double> Probabilities) completion, int index)
    {
        var bars = completion.Probabilities.Select((probability, place) => (completion.Text.Place(completion.Prompt + place), probability, Palette.Raises)).ToArray();
        return new(
            $"completion-{index}",
            $"What is written behind {completion.Text.UpTo(completion.Prompt - 1)}, with the probability of each letter: " + string.Join("; ", bars.Select(bar => $"{bar.Item1}: {Words.Hundredth(bar.probability)}")) + ".",
            Math.Clamp(120 + (48 * bars.Length), 460, 1400), 380,
            () => bars.Length <= MostBars
                ? Charts.Bars($"Behind {completion.Text.UpTo(completion.Prompt - 1)}", "probability", bars, null)
                : Line($"Behind {completion.Text.UpTo(completion.Prompt - 1)}", "position", "probability", [.. bars.Select((bar, place) => ((double)(completion.Prompt + place), bar.probability))]));
    }

    private static Drawing Line(string title, string x, string y, IReadOnlyList<(double X, double Y)> points)
    {
        var drawing = new Drawing(title, x, y);
        drawing.Line(points, Palette.Raises);
        drawing.Show(Extent.Of(points.Select(point => point.X)).Padded(0.03, 0.03), Extent.FromZero(points.Select(point => point.Y)).Padded(0, 0.1));
        return drawing;
    }

    private static int Likeliest(IReadOnlyList<float> row) => row.Index().MaxBy(entry => entry.Item).Index;

    private static int[] Shown(NamedText text, IReadOnlyList<IReadOnlyList<float>> probabilities)
    {
        var all = Enumerable.Range(0, probabilities[0].Count);
        return probabilities[0].Count <= MostTokens
            ? [.. all]
            : [
                .. probabilities
                    .SelectMany(row => all.OrderByDescending(token => row[token]).Take(Likely))
                    .Concat(Enumerable.Range(0, text.Length).Select(position => text[position]))
                    .GroupBy(token => token)
                    .OrderByDescending(group => group.Count())
                    .Take(MostTokens)
                    .Select(group => group.Key)
                    .Order(),
            ];
    }
}
