using Interp.Host.Pages;

namespace Interp.Host.Report.SurveySections;

/// <summary>How to make all of it again.</summary>
internal static class AgainSection
{
    public static Section Write(SurveyPage page) => new("again", "Make it again", "Make it again", Html.Of($"""
        {Revision(page)}
        <p>The same seed gives the same weights, to the bit, on any machine and however many trainings run at once; intervals and p values draw their random numbers from fixed seeds. So this gives
        the same numbers again:</p>
        <pre class="scroll" tabindex="0"><code>{page.Command}</code></pre>
        {Claims(page)}
        <p>It goes on where it was interrupted. This page and its pictures alone, from results that are there:</p>
        <pre class="scroll" tabindex="0"><code>{page.ReportCommand}</code></pre>
        <p>Every training’s numbers are in <code>results.csv</code> and <code>results.parquet</code>, the losses on the way in <code>curves.csv</code>, what this page says in
        <code>summary.json</code>, and the pictures in <code>figures/</code>.</p>
        """));

    /// <summary>The file of claims that the command reads.</summary>
    private static Html Claims(SurveyPage page) => page.Survey.Claims.IsEmpty ? Html.Empty : Html.Of($"""
        <p>Claims beside the study’s it reads from <code>claims.txt</code>, in which these lines stand (<code>interp help claims</code> says what they may be):</p>
        <pre class="scroll" tabindex="0"><code>{Html.Join(ClaimsFile.show(page.Survey.Claims).TrimEnd().Split('\n'), line => Html.Of($"{line}\n"))}</code></pre>
        """);

    /// <summary>A study of another arithmetic comes to other bits when it is done again.</summary>
    private static Html Revision(SurveyPage page) => ArithmeticRevision.problem(page.Stored.Revision) is { Value: var problem }
        ? Html.Of($"<p class=\"note\">Of this study it has to be said that {problem}: only the version that did it makes the same numbers again.</p>")
        : Html.Of($"");
}
