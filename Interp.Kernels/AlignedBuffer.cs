using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Interp.Kernels;

/// <summary>Zeroed floats that start at a 64-byte boundary and never move.</summary>
public readonly record struct AlignedBuffer(float[] Array, int Offset, int Length)
{
    private const int Alignment = 64;

    public Span<float> Span => Array.AsSpan(Offset, Length);

    /// <summary>Allocates <paramref name="length"/> zeros on the pinned heap; the first is <see cref="Array"/>[<see cref="Offset"/>].</summary>
    public static unsafe AlignedBuffer Allocate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        const int slack = Alignment / sizeof(float);
        var array = GC.AllocateArray<float>(checked(length + slack), pinned: true);
        var address = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array));
        var offset = (int)((Alignment - (address & (Alignment - 1))) & (Alignment - 1)) / sizeof(float);
        return new AlignedBuffer(array, offset, length);
    }
}
