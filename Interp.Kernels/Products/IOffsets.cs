using System.Runtime.CompilerServices;

namespace Interp.Kernels;

/// <summary>How far the columns of a tile lie from where its rows begin, in floats.</summary>
internal interface IOffsets
{
    nint this[int column] { get; }
}

/// <summary>Columns that many floats apart.</summary>
internal readonly struct EvenOffsets(nint step) : IOffsets
{
    public nint this[int column]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => column * step;
    }
}

/// <summary>Columns where a list says, in elements of 16 lanes.</summary>
internal readonly unsafe struct ListedOffsets(nint* offsets) : IOffsets
{
    public nint this[int column]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => offsets[column] * Guard.Lanes;
    }
}
