using System.Runtime.CompilerServices;

namespace Interp.Kernels;

/// <summary>How a tile reads its packed right-hand operand.</summary>
internal unsafe interface IOperand<V>
    where V : struct
{
    /// <summary>Floats to an element.</summary>
    static abstract int Size { get; }

    static abstract V Load(float* source, int element);
}

/// <summary>One number for all lanes.</summary>
internal readonly unsafe struct SharedOperand<O, V> : IOperand<V>
    where O : struct, ILanes<V>
    where V : struct
{
    public static int Size => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(float* source, int element) => O.Create(source[element]);
}

/// <summary>A number for each of 16 lanes.</summary>
internal readonly unsafe struct LaneOperand<O, V> : IOperand<V>
    where O : struct, ILanes<V>
    where V : struct
{
    public static int Size => Guard.Lanes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(float* source, int element) => O.Load(source + (element * Guard.Lanes));
}
