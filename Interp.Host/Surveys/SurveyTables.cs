namespace Interp.Host.Surveys;

/// <summary>The tables of a study. They hold nothing of when, where or how the trainings were done.</summary>
internal static class SurveyTables
{
    public const string Results = "results";

    public const string Curves = "curves.csv";

    /// <summary>
    /// A row an item: index, variant, every swept field, seed, the rest of the configuration, every quantity, weights_sha256. A
    /// quantity that a model does not have is missing in its row.
    /// </summary>
    public static Table OfResults(Survey study, IEnumerable<SurveyResult> results)
    {
        var rows = results.OrderBy(result => result.Item.Index).ToArray();
        var configurations = rows.Select(row => row.Item.Configuration).ToArray();
        var swept = study.Sweeps.Select(sweep => sweep.Field).ToArray();
        var measured = new Dictionary<Quantity, double?[]>();
        var quantities = new List<Quantity>();
        foreach (var (index, row) in rows.Index())
        {
            foreach (var (quantity, value) in row.Quantities)
            {
                if (!measured.TryGetValue(quantity, out var column))
                {
                    measured.Add(quantity, column = new double?[rows.Length]);
                    quantities.Add(quantity);
                }

                column[index] = value;
            }
        }

        return new(
            [
                Column.Of("index", rows.Select(row => row.Item.Index)),
                Column.Of("variant", rows.Select(row => row.Item.Variant.ToString())),
                .. swept.Select(Of),
                Of(Field.Seed),
                .. FieldModule.all.Where(field => !field.IsSeed && !swept.Contains(field)).Select(Of),
                .. quantities.Select(quantity => Column.Of(quantity.ToString(), measured[quantity])),
                Column.Of("weights_sha256", rows.Select(row => row.Weights)),
            ],
            rows.Length);

        Column Of(Field field)
        {
            var row = FieldModule.describe(field);
            var values = configurations.Select(row.Get.Invoke).ToArray();
            return row.Range switch
            {
                FieldRange.WholeFrom => Column.Of(row.Name, values.Select(value => ((FieldValue.Whole)value).Item)),
                FieldRange.NumberFrom => Column.Of(row.Name, values.Select(value => (double?)((FieldValue.Number)value).Item)),
                _ when row.Range.IsAnyNatural => Column.Of(row.Name, values.Select(value => ((FieldValue.Natural)value).Item)),
                _ when row.Range.IsAnyTruth => Column.Of(row.Name, values.Select(value => ((FieldValue.Truth)value).Item)),
                _ => Column.Of(row.Name, values.Select(value => ((FieldValue.Word)value).Item)),
            };
        }
    }

    /// <summary>A row a held-out loss: index, variant, setting, seed, step, held_out_loss (nats a letter).</summary>
    public static Table OfCurves(IEnumerable<SurveyResult> results)
    {
        var points = results
            .OrderBy(result => result.Item.Index)
            .SelectMany(result => result.HeldOut.Select(point => (result.Item, Step: point.Item1, Loss: point.Item2)))
            .ToArray();
        return new(
            [
                Column.Of("index", points.Select(point => point.Item.Index)),
                Column.Of("variant", points.Select(point => point.Item.Variant.ToString())),
                Column.Of("setting", points.Select(point => SurveyModule.settingName(point.Item.Setting))),
                Column.Of("seed", points.Select(point => point.Item.Configuration.Seed)),
                Column.Of("step", points.Select(point => point.Step)),
                Column.Of("held_out_loss", points.Select(point => (double?)point.Loss)),
            ],
            points.Length);
    }
}
