namespace Interp.Kernels;

/// <summary>A value for each column of a tile.</summary>
internal interface IRow<V>
    where V : struct
{
    V this[int column] { get; }
}
