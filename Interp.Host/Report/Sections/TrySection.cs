using Interp.Host.Explorer;
using Interp.Host.Pages;

namespace Interp.Host.Report.Sections;

/// <summary>The models themselves, to be typed to and poked.</summary>
internal static class TrySection
{
    public static Section Write() => new("try", "Try to break it", "Try it", Html.Of($"""
        <p>These are this run’s own models, running on this page. Type a pattern, look for one that they get wrong, switch heads off, or put an explanation in a model’s place; further down the same text goes
        through their circuits and their attention.</p>
        {View.Place("choose")}
        {View.Place("text")}
        {View.Place("interventions")}
        """));
}
