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
        var text = new StringBuilder();
        Line(Columns.Select(column => Runs.Wording.Csv.Text(column.Name)));
        var cells = Columns.Select(Cells).ToArray();
        for (var row = 0; row < Rows; row++)
        {
            Line(cells.Select(column => column[row]));
        }

        return Encoding.UTF8.GetBytes(text.ToString());

        void Line(IEnumerable<string> values) => text.AppendJoin(',', values).Append("\r\n");
    }

    /// <summary>Apache Parquet, one row group, not compressed.</summary>
    public byte[] Parquet() => WriteParquet().GetAwaiter().GetResult();

    private static string[] Cells(Column column) => column switch
    {
        TextColumn text => [.. text.Values.Select(Runs.Wording.Csv.Text)],
        Column<bool> truths => [.. truths.Values.Select(value => value is { } truth ? truth ? "true" : "false" : "")],
        Column<int> numbers => [.. numbers.Values.Select(value => value?.ToString(CultureInfo.InvariantCulture) ?? "")],
        Column<ulong> numbers => [.. numbers.Values.Select(value => value?.ToString(CultureInfo.InvariantCulture) ?? "")],
        Column<double> numbers => [.. numbers.Values.Select(value => Runs.Wording.Csv.Number(value))],
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
