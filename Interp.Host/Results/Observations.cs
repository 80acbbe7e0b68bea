namespace Interp.Host.Results;

/// <summary>The study's observations, each turned into a number that a run either bears out or does not.</summary>
public static class Observations
{
    /// <summary>A share counts as "always" from here on, and as "nearly always" from <see cref="NearlyAlways"/>. The study looked at five completions.</summary>
    private const double Always = 0.999;

    private const double NearlyAlways = 0.95;

    /// <summary>A model that completes fewer prompts than this fails at the task; one above <see cref="MostlySucceeds"/> does not.</summary>
    private const double Fails = 0.05;

    private const double MostlySucceeds = 0.5;

    /// <summary>A score this close to 1 or -1: the eigenvalues have, for all that matters, one sign.</summary>
    private const double OneSign = 0.99;

    private const double NearlyOneSign = 0.95;

    /// <summary>A head whose score is beyond this, either way, is called copying or anti-copying here.</summary>
    public const double Copying = 0.5;

    /// <summary>Two-layer heads of the study all lie beyond this, with the sign of their layer.</summary>
    private const double FirstLayerSign = 0.9;

    /// <summary>In the study the parts are 35 and 29 %; a tenth is well beyond noise.</summary>
    private const double APart = 0.1;

    /// <summary>The study's "current letter and the couple before it".</summary>
    private const int NearbyLetters = 3;

    /// <summary>Average rows of attention that share this much of their mass count as similar.</summary>
    private const double Similar = 0.9;

    private const double FairlySimilar = 0.75;

    /// <summary>The observations that fit a model: plain and smeared models were described in different words.</summary>
    public static IReadOnlyList<Observation> Of(ModelResults model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Configuration.Architecture.Smeared
            ? [CompletesDistinct(model), NeverRepeats(model), DirectPath(model), CopyingAndAntiCopying(model), FindsLastOccurrence(model)]
            : model.Composition is { } composition
            ? [SignsByLayer(model), DirectPath(model), KeyComposition(composition), LooksBefore(model, composition), BothNeeded(composition)]
            : [FailsAtTask(model), NeverRepeats(model), CopiesFromPrompt(model), SumOfOV(model), DirectPath(model), LooksNearby(model), HeadsAlike(model)];
    }

    /// <summary>Share of all evaluated prompts that were completed without a mistake.</summary>
    public static double ExactShare(PromptKinds prompts)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        var count = prompts.Distinct.Count + prompts.Repeated.Count;
        return count == 0
            ? 0.0
            : ((prompts.Distinct.Exact * prompts.Distinct.Count) + (prompts.Repeated.Exact * prompts.Repeated.Count)) / count;
    }

    /// <summary>
    /// Mean share of attention on the current position and the <paramref name="letters"/> - 1 before it, over every head and over query positions after the
    /// first block, where there is something else to look at.
    /// </summary>
    public static double NearbyMass(ModelResults model, int letters)
    {
        ArgumentNullException.ThrowIfNull(model);
        return LateRows(model).Average(row => row.Attention.Skip(row.Position - letters + 1).Take(letters).Sum(mass => (double)mass));
    }

    /// <summary>The same share if attention were spread evenly over everything visible.</summary>
    public static double NearbyMassIfUniform(ModelResults model, int letters)
    {
        ArgumentNullException.ThrowIfNull(model);
        return LateRows(model).Average(row => letters / (row.Position + 1.0));
    }

    /// <summary>Heads of a layer, with the offset they attend to most among offsets 1 and up, and the mean attention there.</summary>
    public static IReadOnlyList<(int Head, int Offset, double Mass)> StrongestOffsets(ModelResults model, int layer)
    {
        ArgumentNullException.ThrowIfNull(model);
        return [.. model.Attention.ByOffset[layer].Select((offsets, head) =>
        {
            var strongest = offsets.Select((mass, offset) => (Mass: (double)mass, Offset: offset)).Skip(1).MaxBy(entry => entry.Mass);
            return (head, strongest.Offset, strongest.Mass);
        })];
    }

    private static Observation FailsAtTask(ModelResults model)
    {
        var exact = ExactShare(model.Evaluation.Prompts);
        return new()
        {
            Id = "fails_at_task",
            Claim = "The model cannot do the task",
            Measure = "12-letter prompts completed without a mistake",
            Value = exact,
            Shown = Words.Percent(exact),
            Rule = $"holds below {Words.Percent(Fails)}, nearly below {Words.Percent(MostlySucceeds)}",
            Verdict = exact < Fails ? Verdict.Holds : exact < MostlySucceeds ? Verdict.NearlyHolds : Verdict.DoesNotHold,
        };
    }

    private static Observation CompletesDistinct(ModelResults model)
    {
        var exact = model.Evaluation.Prompts.Distinct.Exact;
        return new()
        {
            Id = "completes_prompts",
            Claim = "12-letter prompts are completed correctly",
            Measure = "prompts of six different letters, as in the study, completed without a mistake",
            Value = exact,
            Shown = Words.Percent(exact),
            Rule = AlwaysRule,
            Verdict = AlmostAll(exact),
        };
    }

    private static Observation NeverRepeats(ModelResults model)
    {
        var repeats = model.Evaluation.Prompts.Distinct.Repeats;
        return new()
        {
            Id = "never_repeats",
            Claim = "The same letter never comes twice in a row",
            Measure = "generated letters that equal the letter before, on 12-letter prompts of six different letters, as in the study",
            Value = repeats,
            Shown = Words.Percent(repeats),
            Rule = $"holds up to {Words.Percent(1 - Always)}, nearly up to {Words.Percent(1 - NearlyAlways)}",
            Verdict = AlmostAll(1 - repeats),
        };
    }

    private static Observation CopiesFromPrompt(ModelResults model)
    {
        var copied = model.Evaluation.FromPromptRate;
        return new()
        {
            Id = "copies_from_prompt",
            Claim = "Completions are made of letters from the prompt",
            Measure = "generated letters that occur in the prompt, over all 12-letter prompts",
            Value = copied,
            Shown = Words.Percent(copied),
            Rule = AlwaysRule,
            Verdict = AlmostAll(copied),
        };
    }

    private static Observation SumOfOV(ModelResults model)
    {
        var score = model.Circuits.OVSum[0].Score;
        return new()
        {
            Id = "ov_sum_copies",
            Claim = "Taken together the heads copy: the sum of the OV circuits has positive eigenvalues",
            Measure = "eigenvalue score of the sum of the OV circuits",
            Value = score,
            Shown = Words.Score(score),
            Rule = $"holds from {OneSign}, nearly from {NearlyOneSign}",
            Verdict = Sign(score),
        };
    }

    private static Observation DirectPath(ModelResults model)
    {
        var score = model.Circuits.DirectPath.Score;
        return new()
        {
            Id = "direct_path_suppresses",
            Claim = "The direct path speaks against the current letter",
            Measure = "eigenvalue score of the direct path",
            Value = score,
            Shown = Words.Score(score),
            Rule = $"holds down from {Words.Minus(-OneSign)}, nearly from {Words.Minus(-NearlyOneSign)}",
            Verdict = Sign(-score),
        };
    }

    private static Observation LooksNearby(ModelResults model)
    {
        var mass = NearbyMass(model, NearbyLetters);
        return new()
        {
            Id = "looks_nearby",
            Claim = "Most attention is on the current letter and the couple before it",
            Measure = $"attention on the current position and the two before it, mean over heads and over positions after the first block (spread evenly it would be {Words.Percent(NearbyMassIfUniform(model, NearbyLetters))})",
            Value = mass,
            Shown = Words.Percent(mass),
            Rule = $"holds from {Words.Percent(0.5)}, nearly from {Words.Percent(0.4)}",
            Verdict = mass >= 0.5 ? Verdict.Holds : mass >= 0.4 ? Verdict.NearlyHolds : Verdict.DoesNotHold,
        };
    }

    private static Observation HeadsAlike(ModelResults model)
    {
        var overlap = LeastOverlap(model);
        return new()
        {
            Id = "heads_alike",
            Claim = "The heads attend much alike",
            Measure = "average attention that the two least similar heads have in common",
            Value = overlap,
            Shown = Words.Percent(overlap),
            Rule = $"holds from {Words.Percent(Similar)}, nearly from {Words.Percent(FairlySimilar)}",
            Verdict = overlap >= Similar ? Verdict.Holds : overlap >= FairlySimilar ? Verdict.NearlyHolds : Verdict.DoesNotHold,
        };
    }

    private static Observation CopyingAndAntiCopying(ModelResults model)
    {
        var heads = model.Circuits.OV;
        var copying = heads.Count(head => head.Score >= Copying);
        var opposing = heads.Count(head => head.Score <= -Copying);
        return new()
        {
            Id = "copying_and_anti_copying",
            Claim = "Two heads copy and two do the opposite",
            Measure = $"heads with a score of {Copying} or more, and of {Words.Minus(-Copying)} or less",
            Value = copying,
            Shown = $"{copying} and {opposing}",
            Rule = "holds for 2 and 2, nearly if there are both kinds",
            Verdict = (copying, opposing) switch
            {
                (2, 2) => Verdict.Holds,
                ( > 0, > 0) => Verdict.NearlyHolds,
                _ => Verdict.DoesNotHold,
            },
        };
    }

    private static Observation FindsLastOccurrence(ModelResults model)
    {
        var target = model.Configuration.Task.BlockLength - 1;
        var strongest = StrongestOffsets(model, 0);
        var heads = strongest.Count(head => head.Offset % model.Configuration.Task.BlockLength == target);
        var best = strongest.MaxBy(head => head.Mass);
        return new()
        {
            Id = "finds_last_occurrence",
            Claim = "Smeared keys let a head find the place after the last occurrence of the current letter",
            Measure = $"heads that, the current letter apart, attend most to the letter {target} back, or a whole block further",
            Value = heads,
            Shown = $"{heads} of {strongest.Count}",
            Rule = $"holds if a head does so with at least {Words.Percent(0.2)} of its attention, nearly if one does with less",
            Verdict = heads == 0 ? Verdict.DoesNotHold
                : best.Offset % model.Configuration.Task.BlockLength == target && best.Mass >= 0.2 ? Verdict.Holds
                : Verdict.NearlyHolds,
        };
    }

    private static Observation SignsByLayer(ModelResults model)
    {
        var last = model.Configuration.Architecture.NLayers - 1;
        var least = model.Circuits.OV.Where(head => head.Layer == 0 || head.Layer == last).Min(head => head.Layer == 0 ? -head.Score : head.Score);
        return new()
        {
            Id = "signs_by_layer",
            Claim = "Heads of the first layer suppress what they read, heads of the last copy it",
            Measure = "the weakest head’s OV eigenvalue score, counted positive where its sign is the one claimed",
            Value = least,
            Shown = Words.Score(least),
            Rule = $"holds from {FirstLayerSign}, nearly from {Copying}",
            Verdict = least >= FirstLayerSign ? Verdict.Holds : least >= Copying ? Verdict.NearlyHolds : Verdict.DoesNotHold,
        };
    }

    /// <summary>The head of the first layer through which later heads search, judged by the least eigenvalue score of its K-composition terms.</summary>
    public static (HeadPlace Head, double Least) Carrier(CompositionResults composition)
    {
        ArgumentNullException.ThrowIfNull(composition);
        return composition.Scores
            .Where(score => score.Kind == "K" && score.From.Layer == 0)
            .GroupBy(score => score.From)
            .Select(from => (from.Key, from.Min(score => score.EigenvalueScore)))
            .MaxBy(head => head.Item2);
    }

    private static Observation KeyComposition(CompositionResults composition)
    {
        var (head, least) = Carrier(composition);
        return new()
        {
            Id = "k_composition",
            Claim = "All later heads K-compose with one head of the first layer",
            Measure = $"least eigenvalue score of the K-composition term through head {head}; 95 % of random weights give {Words.Range(composition.Scores[0].EigenvalueBaseline)}",
            Value = least,
            Shown = Words.Score(least),
            Rule = $"holds from {OneSign}, nearly from {NearlyOneSign}",
            Verdict = Sign(least),
        };
    }

    private static Observation LooksBefore(ModelResults model, CompositionResults composition)
    {
        var head = Carrier(composition).Head;
        var blocks = model.HeadScores.Heads.First(each => each.Layer == head.Layer && each.Head == head.Head).Blocks;
        var times = blocks.Average(block => block.PreviousToken.Score) / blocks.Average(block => block.PreviousToken.Baseline.Mean);
        return new()
        {
            Id = "previous_token_head",
            Claim = "That head looks at the letter before",
            Measure = $"times as much of head {head}’s attention as random heads give to the letter before, blocks of all lengths",
            Value = times,
            Shown = times.ToString("0.00"),
            Rule = "holds from 1.25, nearly above 1",
            Verdict = times >= 1.25 ? Verdict.Holds : times > 1 ? Verdict.NearlyHolds : Verdict.DoesNotHold,
        };
    }

    private static Observation BothNeeded(CompositionResults composition)
    {
        var direct = composition.Loss("direct");
        var lost = direct - composition.Loss("direct+kq");
        var least = lost > 0 ? (direct - Math.Max(composition.Loss("direct+k"), composition.Loss("direct+q"))) / lost : 0;
        return new()
        {
            Id = "keys_and_queries",
            Claim = "K- and Q-composition each win back a part of what cutting both costs",
            Measure = "the smaller of their shares",
            Value = least,
            Shown = Words.Percent(least),
            Rule = $"holds from {Words.Percent(APart)}, nearly above 0",
            Verdict = least >= APart ? Verdict.Holds : least > 0 ? Verdict.NearlyHolds : Verdict.DoesNotHold,
        };
    }

    private static string AlwaysRule => $"holds from {Words.Percent(Always)}, nearly from {Words.Percent(NearlyAlways)}";

    private static Verdict AlmostAll(double share) =>
        share >= Always ? Verdict.Holds : share >= NearlyAlways ? Verdict.NearlyHolds : Verdict.DoesNotHold;

    private static Verdict Sign(double score) =>
        score >= OneSign ? Verdict.Holds : score >= NearlyOneSign ? Verdict.NearlyHolds : Verdict.DoesNotHold;

    /// <summary>The smallest, over pairs of heads, of the mean over late rows of sum(min(a, b)): 1 minus the total variation distance.</summary>
    private static double LeastOverlap(ModelResults model)
    {
        var heads = model.Attention.Patterns[0];
        var rows = Enumerable.Range(model.Configuration.Task.BlockLength, model.Configuration.Architecture.NCtx - model.Configuration.Task.BlockLength);
        return (from first in Enumerable.Range(0, heads.Count)
                from second in Enumerable.Range(0, first)
                select rows.Average(row => heads[first][row].Zip(heads[second][row], (a, b) => (double)Math.Min(a, b)).Sum()))
            .DefaultIfEmpty(1.0)
            .Min();
    }

    private static IEnumerable<(int Position, IReadOnlyList<float> Attention)> LateRows(ModelResults model) =>
        from head in model.Attention.Patterns[0]
        from position in Enumerable.Range(model.Configuration.Task.BlockLength, model.Configuration.Architecture.NCtx - model.Configuration.Task.BlockLength)
        select (position, head[position]);
}
