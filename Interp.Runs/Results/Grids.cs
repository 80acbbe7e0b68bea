namespace Interp.Runs.Results;

/// <summary>Tensors as nested lists, for tables and pictures.</summary>
internal static class Grids
{
    /// <summary>A tensor [row, column] as [row][column].</summary>
    public static IReadOnlyList<IReadOnlyList<float>> Matrix(Tensor tensor) => Matrix(tensor.ToArray(), tensor.Shape[1]);

    /// <summary>A tensor [index, row, column] as [index][row][column].</summary>
    public static IReadOnlyList<IReadOnlyList<IReadOnlyList<float>>> Matrices(Tensor tensor)
    {
        var size = tensor.Shape[1] * tensor.Shape[2];
        return [.. tensor.ToArray().Chunk(size).Select(data => Matrix(data, tensor.Shape[2]))];
    }

    private static IReadOnlyList<IReadOnlyList<float>> Matrix(float[] data, int columns) => [.. data.Chunk(columns)];
}
