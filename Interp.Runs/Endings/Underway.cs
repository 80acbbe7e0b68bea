namespace Interp.Runs.Endings;

/// <summary>Work that is in good order at every moment, so that an interruption need only say how it stands.</summary>
internal sealed class Underway : IUnfinished, IDisposable
{
    private readonly string words;

    /// <param name="words">Half a sentence that is true from the work's first moment to its last.</param>
    public Underway(string words)
    {
        this.words = words;
        Unfinished.Begin(this);
    }

    public string Leave() => words;

    public void Dispose() => Unfinished.End(this);
}
