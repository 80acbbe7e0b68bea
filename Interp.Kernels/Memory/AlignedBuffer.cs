using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Interp.Kernels;

/// <summary>Zeroed floats that begin at a 64-byte boundary, the length of a cache line and of the widest vector, and never move.</summary>
/// <param name="Array">What holds them.</param>
/// <param name="Offset">Where in the array they begin.</param>
/// <param name="Length">How many there are.</param>
public readonly record struct AlignedBuffer(float[] Array, int Offset, int Length)
{
    private const int Alignment = 64;

    /// <summary>Floats that an array has more than its buffer, for a boundary to lie in it.</summary>
    internal const int Slack = Alignment / sizeof(float);

    /// <summary>The floats.</summary>
    public Span<float> Span => Array.AsSpan(Offset, Length);

    /// <summary>
    /// As many zeros, in memory that was given back before where there is some. Many short computations would otherwise have the collector run for the
    /// sake of the pinned heap alone.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative.</exception>
    public static AlignedBuffer Rent(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (AlignedBufferPool.Take(length) is not { } kept)
        {
            return Allocate(length);
        }

        kept.Span.Clear();
        return kept;
    }

    /// <summary>Gives memory back that nothing reads or writes any more.</summary>
    public void Return() => AlignedBufferPool.Keep(this);

    /// <summary>Allocates <paramref name="length"/> zeros on the pinned heap.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative.</exception>
    public static unsafe AlignedBuffer Allocate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        var array = GC.AllocateArray<float>(checked(length + Slack), pinned: true);
        var address = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array));
        var offset = (int)((Alignment - (address & (Alignment - 1))) & (Alignment - 1)) / sizeof(float);
        return new AlignedBuffer(array, offset, length);
    }
}
