namespace Interp.Kernels;

/// <summary>What all register tiles have in common.</summary>
internal static class Tile
{
    /// <summary>More rows than any tile leaves out: where an operation's rows end if it means all of them.</summary>
    public const int AllRows = 4;
}
