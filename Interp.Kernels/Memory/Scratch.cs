using System.Buffers;

namespace Interp.Kernels;

/// <summary>Floats borrowed for the length of one kernel.</summary>
internal readonly unsafe ref struct Scratch
{
    private const int Alignment = 64;
    private readonly float[] array;

    public Scratch(int length) => array = ArrayPool<float>.Shared.Rent(checked(length + (Alignment / sizeof(float))));

    public Span<float> Span => array;

    /// <summary>The first 64-byte boundary at or after the start of the (pinned) span.</summary>
    public static float* Align(float* start) => (float*)(((nint)start + Alignment - 1) & -Alignment);

    public void Dispose() => ArrayPool<float>.Shared.Return(array);
}
