using Interp.Host.Pages;
using Interp.Pictures;
using Interp.Runs.Wording;

namespace Interp.Host.Report.SurveySections;

/// <summary>Every claim, in how many trainings it holds, and whether it replicates.</summary>
internal static class ClaimSection
{
    /// <summary>All verdicts in one sentence.</summary>
    public static string Lede(SurveyPage page)
    {
        var verdicts = page.Summary.Claims.Where(result => result.Trainings > 0).Select(Verdict).ToArray();
        if (verdicts.Length == 0)
        {
            return page.Groups.Count == 0
                ? "Nothing has been trained yet."
                : "The study’s claims are about its own models on repeated blocks, so that none is asked of these trainings. What was measured on them follows.";
        }

        var counts = new[]
        {
            (Count: verdicts.Count(verdict => verdict.IsReplicates), Words: "in most trainings"),
            (Count: verdicts.Count(verdict => verdict.IsDoesNotReplicate), Words: "in few or none"),
        };
        var open = verdicts.Count(verdict => verdict.IsUndecided);
        return $"The same models, trained again from {Starts(page)} each. Of {verdicts.Length} claims{Settings(page, verdicts.Length)} "
            + $"{Prose.List([.. counts.Where(count => count.Count > 0).Select(count => $"{count.Count} {(count.Count == 1 ? "holds" : "hold")} {count.Words}"), .. open > 0 ? [$"{open} {(open == 1 ? "is" : "are")} undecided"] : Array.Empty<string>()])}.";
    }

    /// <summary>"20 random starts", "2 to 4 of 20 random starts".</summary>
    private static string Starts(SurveyPage page)
    {
        var (least, most) = (page.Groups.Min(group => group.Results.Count), page.Groups.Max(group => group.Results.Count));
        var done = least == most ? $"{most}" : $"{least} to {most}";
        return $"{done}{(least < page.Survey.Seeds && !page.Survey.UntilDecided ? $" of {page.Survey.Seeds}" : "")} random {(page.Survey.Seeds == 1 ? "start" : "starts")}";
    }

    private static string Settings(SurveyPage page, int count)
    {
        var settings = page.Groups.Select(group => SurveyModule.settingName(group.Group.Setting)).Distinct().Count();
        return settings > 1 && count % settings == 0 ? $" ({count / settings} at each of {settings} settings)" : string.Empty;
    }

    public static Section Write(SurveyPage page, FigureMarkup figures) => new("claims", "In how many trainings does each claim hold?", "Claims", Html.Of($"""
        {Html.Join(page.Variants, variant => Table(page, variant))}
        {(page.Summary.Claims.IsEmpty ? Html.Of($"<p>No claim is about models of this kind. <code>--claims FILE</code> asks for claims of one’s own.</p>")
            : page.Summary.ClaimIntervals.IsSequence ? SequenceRules(page) : Rules(page))}
        {Html.Join(SurveyClaimFigure.Of(page.Summary), picture => figures.One(
            picture.Name, Html.Of($"In how many of a hundred trainings each claim holds, setting by setting; an empty cell was not measured."), page.ReportCommand))}
        {(page.Summary.Claims.IsEmpty ? Html.Empty : Cautions(page))}
        {Departures(page)}
        <details class="folded"><summary>What exactly each claim asks of a training</summary>
        {Tables.Of("All conditions must hold", Tables.Texts("Claim", "in words", "conditions", "the study’s"), page.Summary.Claims.Select(result => result.Claim).DistinctBy(claim => claim.Name).Select(claim => new[]
        {
            Html.Of($"<code>{claim.Name}</code>"),
            Html.Of($"<span class=\"sentence\">{claim.Sentence}</span>"),
            Html.Join(", ", claim.Conditions.Select(condition => Html.Of($"<code class=\"condition\">{condition.ToString()}</code>"))),
            Html.Text(Printed(claim)),
        }), numeric: false)}
        </details>
        """));

    /// <summary>What the study printed of a claim's quantities.</summary>
    private static string Printed(Claim claim) =>
        ClaimModule.published(claim) is { IsEmpty: false } published ? string.Join(", ", published.Select(each => Words.Minus(each.Item2.ToString()))) : "–";

    private static Replication Verdict(ClaimResult result) => SurveySummaryModule.verdict(result.Interval);

    private static Html Table(SurveyPage page, Variant variant)
    {
        var results = page.Summary.Claims.Where(result => result.Group.Variant.Equals(variant)).ToArray();
        return results.Length == 0 ? Html.Empty : page.Swept ? Swept(variant, results) : Plain(variant, results);
    }

    private static Html Plain(Variant variant, IReadOnlyList<ClaimResult> results) => Html.Of($"""
        <table class="claims">
        <caption>{SurveyPage.Title(variant)}</caption>
        <thead><tr><th scope="col">Claim</th><th scope="col">Holds in</th><th scope="col">Share of all such trainings (95&#160;%)</th><th scope="col">Verdict</th></tr></thead>
        <tbody>
        {Html.Join(results, result => Html.Of($"""
            <tr><th scope="row">{result.Claim.Sentence}{Lacks(result)}</th><td class="count">{Count(result)}</td><td class="interval">{Bar(result)}</td><td>{Chip(result)}</td></tr>

            """))}
        </tbody>
        </table>
        """);

    /// <summary>Where trainings have none beside them to be held against.</summary>
    private static Html Lacks(ClaimResult result) =>
        result.Lacks is { Value: var sentence } ? Html.Of($" <span class=\"rule\">{sentence}</span>") : Html.Empty;

    private static Html Swept(Variant variant, IReadOnlyList<ClaimResult> results)
    {
        var groups = results.Select(result => result.Group).Distinct().ToArray();
        return Tables.Of(
            SurveyPage.Title(variant),
            [Html.Text("Claim"), .. groups.Select(group => Html.Text(SurveyModule.settingName(group.Setting)))],
            results.GroupBy(result => result.Claim.Name).Select(claim => new Html[]
            {
                Html.Of($"<span class=\"sentence\">{claim.First().Claim.Sentence}</span>"),
            }.Concat(groups.Select(group => claim.FirstOrDefault(result => result.Group.Equals(group)) is { } result ? Cell(result) : Html.Text("–"))).ToArray()),
            numeric: false);
    }

    private static Html Cell(ClaimResult result) => result.Trainings == 0
        ? Html.Of($"<span class=\"rule\">not measured</span>")
        : Html.Of($"<span class=\"chip {Class(result)}\">{Sign(result)} {Words.Unbroken(Count(result))}</span><br><span class=\"rule\">{Words.Unbroken(Words.Shares(result.Interval))}</span>");

    private static string Count(ClaimResult result) => result.Trainings == 0 ? "not measured" : $"{result.Holds} of {result.Trainings}";

    /// <summary>The interval as a bar over 0 to 100 %, with the share as a mark and a line at one half; the numbers stand beside it.</summary>
    private static Html Bar(ClaimResult result)
    {
        if (result.Trainings == 0)
        {
            return Html.Text("–");
        }

        var share = (double)result.Holds / result.Trainings;
        return Html.Of($"{Strip.Of($"half {Class(result)}", result.Interval.Low, result.Interval.High, share)} <span class=\"ends\">{Words.Shares(result.Interval)}</span>");
    }

    private static string Class(ClaimResult result) =>
        Verdict(result) is { IsReplicates: true } ? "holds" : Verdict(result).IsDoesNotReplicate ? "fails" : "nearly";

    private static string Sign(ClaimResult result) =>
        Verdict(result) is { IsReplicates: true } ? "✓" : Verdict(result).IsDoesNotReplicate ? "✗" : "?";

    private static Html Chip(ClaimResult result) => result.Trainings == 0
        ? Html.Empty
        : Html.Of($"<span class=\"chip {Class(result)}\">{Sign(result)} {Words.Unbroken(Words.Verdict(Verdict(result)))}</span>");

    private static Html Rules(SurveyPage page)
    {
        var trials = page.Groups.Count == 0 ? 0 : page.Groups.Min(group => group.Results.Count);
        var least = Enumerable.Range(0, trials + 1).FirstOrDefault(count => SurveySummaryModule.verdict(Statistics.wilson(count, trials)).IsReplicates, -1);
        var here = least < 0
            ? $"With {Prose.Count(trials, "training")} of each kind nothing can be decided; that takes at least four."
            : least == trials
                ? $"With {Prose.Number(trials)} trainings of each kind that takes all of them, or none."
                : $"With {Prose.Number(trials)} trainings of each kind a claim replicates from {Prose.Number(least)} on, and does not up to {(trials == least ? "none" : Prose.Number(trials - least))}.";
        return Html.Of($"""
            <p class="note"><strong>How to read this.</strong> Each training starts from other random weights and sees other random sequences. The interval (Wilson’s) says in what share of all such
            trainings the claim would hold: in 95 of 100 studies like this one it contains that share. A claim <strong>replicates</strong> where the whole interval lies above one half (the line in
            the bars): it holds in most trainings. It <strong>does not replicate</strong> where all of it lies below. Where the interval contains one half, it is <strong>undecided</strong>: more
            trainings would tell. {here}</p>
            """);
    }

    /// <summary>The rule where trainings were added until it was enough.</summary>
    private static Html SequenceRules(SurveyPage page) => Html.Of($"""
        <p class="note"><strong>How to read this.</strong> Each training starts from other random weights and sees other random sequences. Trainings of each kind were added, seed by seed, until every
        claim about that kind was decided, {page.Survey.Seeds} at most. Looked at so often, intervals for a fixed number of trainings would exclude the truth sooner or later. These are the last of a
        <em>confidence sequence</em>, and wider: in 95 of 100 studies like this one <em>all</em> intervals of a claim, after every single training, contain the share of all such trainings in which it would
        hold. (A mixture over Beta(1/2, 1/2): Robbins 1970; Howard, Ramdas, McAuliffe and Sekhon 2021; Waudby-Smith and Ramdas 2024. What was excluded once stays excluded.) A claim
        <strong>replicates</strong> where the whole interval lies above one half (the line in the bars): it holds in most trainings. It <strong>does not replicate</strong> where all of it lies below. One that
        holds in about every other training ends <strong>undecided</strong>. The 5&#160;% are of each claim by itself: they are not corrected for the number of claims, {page.Summary.Claims.Length} here.
        Trainings stop at a moment that depends on what they came to, which the other intervals and the p values of this page do not allow for.</p>
        """);

    /// <summary>What a reader should bear in mind, whatever the rule.</summary>
    private static Html Cautions(SurveyPage page) => Html.Of($"""
        {(page.Survey.Claims.IsEmpty ? Html.Empty : Html.Of($"<p>Claims beside the study’s own: {Html.Join(", ", page.Survey.Claims.Select(claim => Html.Of($"<code>{claim.Name}</code>")))}. They came from a file, which stands at the end of this page.</p>"))}
        {Shorter(page)}
        {Reshaped(page)}
        {(page.Failed.Count == 0 ? Html.Empty : Html.Of($"<p><strong>{Prose.Capital(Prose.Count(page.Failed.Count, "training"))} failed</strong> and {(page.Failed.Count == 1 ? "counts" : "count")} in none of these numbers.</p>"))}
        """);

    /// <summary>Fields whose sweep makes a claim's words untrue, though what it asks of the numbers is the same.</summary>
    private static readonly Field[] Shapes = [Field.NHeads, Field.DVocab, Field.BlockLength, Field.Blocks];

    private static Html Reshaped(SurveyPage page) => !page.Survey.Sweeps.Any(sweep => Shapes.Contains(sweep.Field)) ? Html.Empty : Html.Of($"""
        <p><strong>The claims are worded for the study’s models:</strong> four heads, patterns of six letters out of 26, four times over. At other settings the same is asked of the numbers, whatever
        the words and the published losses say.</p>
        """);

    /// <summary>Models that were trained less than the study's are other models.</summary>
    private static Html Shorter(SurveyPage page) => page.Survey.Steps >= ConfigurationModule.study.Steps ? Html.Empty : Html.Of($"""
        <p><strong>These trainings are shorter than the study’s:</strong> {Words.Count(page.Survey.Steps)} steps instead of {Words.Count(ConfigurationModule.study.Steps)}. A claim may fail here for that
        reason alone.</p>
        """);

    /// <summary>In words: what a reader should no longer take for granted.</summary>
    private static Html Departures(SurveyPage page)
    {
        var measured = page.Summary.Claims.Where(result => result.Trainings > 0).ToArray();
        return measured.Length > 0 && measured.All(result => Verdict(result).IsUndecided) ? Html.Empty : Html.Of($"""
            {List("Claims that do not replicate", [.. measured.Where(result => Verdict(result).IsDoesNotReplicate)])}
            {List("Undecided at this number of trainings", [.. measured.Where(result => Verdict(result).IsUndecided)])}
            {(measured.Length > 0 && measured.All(result => Verdict(result).IsReplicates) ? Html.Of($"<p>Every claim replicates.</p>") : Html.Empty)}
            """);
    }

    private static string At(Group group) => group.Setting.IsEmpty ? string.Empty : $" ({SurveyModule.settingName(group.Setting)})";

    private static Html List(string title, IReadOnlyList<ClaimResult> results) => results.Count == 0 ? Html.Empty : Html.Of($"""
        <h3>{title}</h3>
        <ul>{Html.Join(results.GroupBy(result => (result.Claim.Name, result.Group.Variant)), claim => Html.Of($"""
            <li><strong>{SurveyPage.Title(claim.Key.Variant)}:</strong> “{claim.First().Claim.Sentence.TrimEnd('.')}” holds in {Prose.List([.. claim.Select(result => Count(result) + At(result.Group))])}.</li>

            """))}</ul>
        """);
}
