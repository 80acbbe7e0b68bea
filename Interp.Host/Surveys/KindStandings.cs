using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Interp.Host.Surveys;

/// <summary>
/// How far each kind of a study that goes on until its claims are decided has come, as its directory stands whenever somebody asks. What is finished is read
/// once, and a kind that has enough has enough. Of a study with a fixed number of seeds everything is wanted.
/// </summary>
/// <param name="directory">The study.</param>
/// <param name="finished">What has been read already.</param>
/// <param name="unsettled">Items that failed before and are to be tried again: as good as not done.</param>
internal sealed class KindStandings(SurveyDirectory directory, IEnumerable<SurveyResult> finished, IReadOnlySet<int> unsettled)
{
    private readonly Dictionary<int, SurveyResult> known = finished.ToDictionary(result => result.Item.Index);

    private readonly Dictionary<int, GroupStanding> closed = [];

    private Survey Survey => directory.Survey;

    /// <summary>Whether an item is to be done, if it is not yet.</summary>
    public bool Wants(SurveyItem item) =>
        !Survey.UntilDecided || Of(item.Index / Survey.Seeds) is not { Closed: true } standing || item.Index % Survey.Seeds < standing.Seeds;

    /// <summary>Of a kind, a variant at a setting, in the study's order: its items stand together, in the order of their seeds.</summary>
    public GroupStanding Of(int kind)
    {
        if (closed.TryGetValue(kind, out var enough))
        {
            return enough;
        }

        var items = directory.Items.Skip(kind * Survey.Seeds).Take(Survey.Seeds).ToArray();
        var outcomes = items.Select(Outcome).TakeWhile(outcome => outcome.Settled).Select(outcome => outcome.Result).ToArray();
        var standing = Deciding.standing(Survey.Seeds, SurveyModule.claimsOf(Survey, items[0]), ListModule.OfSeq(outcomes));
        if (standing.Closed)
        {
            closed.Add(kind, standing);
        }

        return standing;
    }

    /// <summary>What an item came to, none where it failed; not settled where it is neither done nor has failed.</summary>
    private (bool Settled, FSharpOption<SurveyResult> Result) Outcome(SurveyItem item)
    {
        if (known.TryGetValue(item.Index, out var kept))
        {
            return (true, FSharpOption<SurveyResult>.Some(kept));
        }

        if (directory.Find(item)?.Result is { } result)
        {
            known.Add(item.Index, result);
            return (true, FSharpOption<SurveyResult>.Some(result));
        }

        return (!unsettled.Contains(item.Index) && directory.Failure(item) is not null, FSharpOption<SurveyResult>.None);
    }
}
