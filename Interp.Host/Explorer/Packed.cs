using System.Buffers.Text;
using System.Runtime.InteropServices;

namespace Interp.Host.Explorer;

/// <summary>Many numbers as a short text: the bytes of each, the lowest first, in the letters of base64url (RFC 4648), which JSON has no need to escape.</summary>
internal static class Packed
{
    /// <summary>Single precision, four bytes each.</summary>
    public static string Floats(ReadOnlySpan<float> numbers) => Base64Url.EncodeToString(MemoryMarshal.AsBytes(numbers));

    /// <summary>Tokens, two bytes each.</summary>
    public static string Tokens(IEnumerable<Tokens> sequences)
    {
        ushort[] all = [.. sequences.SelectMany(sequence => sequence.ToArray()).Select(token => checked((ushort)token))];
        return Base64Url.EncodeToString(MemoryMarshal.AsBytes<ushort>(all));
    }

    /// <summary>The entries of some tensors, one after the other.</summary>
    public static string Floats(IEnumerable<Tensor> tensors)
    {
        float[] all = [.. tensors.SelectMany(tensor => tensor.ToArray())];
        return Floats(all);
    }
}
