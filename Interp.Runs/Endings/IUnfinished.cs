namespace Interp.Runs.Endings;

/// <summary>Work that has begun on the disk, and has to be left in good order when it is interrupted.</summary>
internal interface IUnfinished
{
    /// <summary>Leaves the work; says in half a sentence what became of it. Called once, from any thread.</summary>
    string Leave();

    /// <summary>How much longer than any command an interrupted one may take, since it says what it has found so far.</summary>
    TimeSpan Patience => TimeSpan.Zero;
}
