namespace Interp.Host.Results;

/// <summary>Row-major data as nested lists.</summary>
internal static class Grids
{
    /// <summary>[rows * columns] as [row][column].</summary>
    public static IReadOnlyList<IReadOnlyList<float>> Matrix(ReadOnlySpan<float> data, int rows, int columns)
    {
        Check(data.Length, rows * columns);
        var result = new IReadOnlyList<float>[rows];
        for (var row = 0; row < rows; row++)
        {
            result[row] = data.Slice(row * columns, columns).ToArray();
        }

        return result;
    }

    /// <summary>[count * rows * columns] as [index][row][column].</summary>
    public static IReadOnlyList<IReadOnlyList<IReadOnlyList<float>>> Matrices(ReadOnlySpan<float> data, int count, int rows, int columns)
    {
        Check(data.Length, count * rows * columns);
        var result = new IReadOnlyList<IReadOnlyList<float>>[count];
        for (var index = 0; index < count; index++)
        {
            result[index] = Matrix(data.Slice(index * rows * columns, rows * columns), rows, columns);
        }

        return result;
    }

    private static void Check(int found, int expected)
    {
        if (found != expected)
        {
            throw new ArgumentException($"Expected {expected} numbers, found {found}.", nameof(expected));
        }
    }
}
