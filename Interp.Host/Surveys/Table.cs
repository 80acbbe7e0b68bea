using System.Globalization;
using System.Text;
using Interp.Runs.Wording;
using Parquet;
using Parquet.Schema;

namespace Interp.Host.Surveys;

/// <summary>A named column; a value that is missing is null.</summary>
internal abstract record Column(string Name)
{
    public static Column Of(string name, IEnumerable<string> values) => new TextColumn(name, [.. values]);

    public static Column Of(string name, IEnumerable<bool> values) => new Column<bool>(name, [.. values.Select(value => (bool?)value)]);

    public static Column Of(string name, IEnumerable<int> values) => new Column<int>(name, [.. values.Select(value => (int?)value)]);

    public static Column Of(string name, IEnumerable<ulong> values) => new Column<ulong>(name, [.. values.Select(value => (ulong?)value)]);

    public static Column Of(string name, IEnumerable<double?> values) =>
        new Column<double>(name, [.. values.Select(value => value is { } number && double.IsFinite(number) ? value : null)]);
}

internal sealed record TextColumn(string Name, IReadOnlyList<string> Values) : Column(Name);

internal sealed record Column<T>(string Name, T?[] Values) : Column(Name)
    where T : struct;

/// <summary>Columns of one length, which become the same table in every format; the same bytes, whenever and wherever they are written.</summary>
internal sealed record Table(IReadOnlyList<Column> Columns, int Rows)
{
    /// <summary>
    /// Comma-separated values as in RFC 4180: a line of names, CR LF, quotes where they are needed. Nothing stands for a missing
    /// value; numbers read back to the same bits.
    /// </summary>
    public byte[] Csv()
    {
        using var bytes = new MemoryStream();
        using (var text = new StreamWriter(bytes, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\r\n" })
        {
            text.WriteLine(string.Join(',', Columns.Select(column => Runs.Wording.Csv.Text(column.Name))));
            for (var row = 0; row < Rows; row++)
            {
                text.WriteLine(string.Join(',', Columns.Select(column => Cell(column, row))));
            }
        }

        return bytes.ToArray();
    }

    /// <summary>Apache Parquet, one row group, not compressed.</summary>
    public byte[] Parquet() => WriteParquet().GetAwaiter().GetResult();

    private static string Cell(Column column, int row) => column switch
    {
        TextColumn text => Runs.Wording.Csv.Text(text.Values[row]),
        Column<bool> truths => truths.Values[row] is { } truth ? truth ? "true" : "false" : "",
        Column<int> numbers => numbers.Values[row]?.ToString(CultureInfo.InvariantCulture) ?? "",
        Column<ulong> numbers => numbers.Values[row]?.ToString(CultureInfo.InvariantCulture) ?? "",
        Column<double> numbers => Runs.Wording.Csv.Number(numbers.Values[row]),
        _ => throw new NotSupportedException($"Columns of {column.GetType()} cannot be written."),
    };

    private static DataField Field(Column column) => column switch
    {
        TextColumn => new DataField(column.Name, typeof(string), isNullable: false),
        Column<bool> => new DataField(column.Name, typeof(bool), isNullable: true),
        Column<int> => new DataField(column.Name, typeof(int), isNullable: true),
        Column<ulong> => new DataField(column.Name, typeof(ulong), isNullable: true),
        Column<double> => new DataField(column.Name, typeof(double), isNullable: true),
        _ => throw new NotSupportedException($"Columns of {column.GetType()} cannot be written."),
    };

    private async Task<byte[]> WriteParquet()
    {
        var fields = Columns.Select(Field).ToArray();
        using var bytes = new MemoryStream();
        // No compression: its output may change between versions and processors, and these tables are small.
        var options = new ParquetOptions { CompressionMethod = CompressionMethod.None };
        var writer = await ParquetWriter.CreateAsync(new ParquetSchema(fields), bytes, options).ConfigureAwait(false);
        await using (writer.ConfigureAwait(false))
        {
            using var group = writer.CreateRowGroup();
            foreach (var (field, column) in fields.Zip(Columns))
            {
                await (column switch
                {
                    TextColumn text => group.WriteAsync(field, text.Values),
                    Column<bool> truths => group.WriteAsync<bool>(field, truths.Values),
                    Column<int> numbers => group.WriteAsync<int>(field, numbers.Values),
                    Column<ulong> numbers => group.WriteAsync<ulong>(field, numbers.Values),
                    Column<double> numbers => group.WriteAsync<double>(field, numbers.Values),
                    _ => throw new NotSupportedException($"Columns of {column.GetType()} cannot be written."),
                }).ConfigureAwait(false);
            }
        }

        return bytes.ToArray();
    }
}
