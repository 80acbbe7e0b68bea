namespace Interp.Kernels;

/// <summary>Memory of computations that are over, for those that come.</summary>
internal static class AlignedBufferPool
{
    /// <summary>Floats that are kept at most, 32 MB: of computations that are larger than this one is no small part.</summary>
    private const long Most = 1 << 23;

    private static readonly Lock Gate = new();

    /// <summary>By size, ascending.</summary>
    private static readonly List<AlignedBuffer> Kept = [];

    private static long floats;

    /// <summary>The smallest one that so many floats fit into, cut to them; null where there is none.</summary>
    public static AlignedBuffer? Take(int length)
    {
        lock (Gate)
        {
            var place = Kept.FindIndex(buffer => buffer.Length >= length);
            if (place < 0)
            {
                return null;
            }

            var found = Kept[place];
            Kept.RemoveAt(place);
            floats -= found.Length;
            return found with { Length = length };
        }
    }

    /// <summary>Keeps one, whole again, and lets go of the smallest ones where they come to too much.</summary>
    public static void Keep(AlignedBuffer buffer)
    {
        var whole = buffer with { Length = buffer.Array.Length - AlignedBuffer.Slack };
        if (whole.Length > Most)
        {
            return;
        }

        lock (Gate)
        {
            var place = Kept.FindIndex(other => other.Length >= whole.Length);
            Kept.Insert(place < 0 ? Kept.Count : place, whole);
            floats += whole.Length;
            while (floats > Most)
            {
                floats -= Kept[0].Length;
                Kept.RemoveAt(0);
            }
        }
    }
}
