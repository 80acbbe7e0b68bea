namespace Interp.Host.Surveys;

/// <summary>The tables of a study. They hold nothing of when, where or how the trainings were done.</summary>
internal static class SurveyTables
{
    public const string Results = "results";

    public const string Curves = "curves.csv";

    /// <summary>A configuration's numbers by the names of the options of <c>interp train</c>, which are those of sweeps.</summary>
    private static readonly (string Name, Func<string, IEnumerable<Configuration>, Column> Column)[] Configured =
    [
        Whole("layers", c => c.Architecture.Layers),
        Whole("heads", c => c.Architecture.Heads),
        Whole("d_model", c => c.Architecture.ModelWidth),
        Whole("d_head", c => c.Architecture.HeadWidth),
        Whole("vocab", c => c.Architecture.Vocabulary),
        Whole("context", c => c.Architecture.Context),
        ("smeared", (name, all) => Column.Of(name, all.Select(c => c.Architecture.Smeared))),
        Whole("block_length", c => c.BlockLength),
        Whole("blocks", c => c.Blocks),
        Whole("batch", c => c.Batch),
        Whole("steps", c => c.Steps),
        Number("learning_rate", c => c.LearningRate),
        Number("weight_decay", c => c.WeightDecay),
        Number("beta1", c => c.Beta1),
        Number("beta2", c => c.Beta2),
        Number("epsilon", c => c.Epsilon),
    ];

    /// <summary>
    /// A row an item: index, variant, every swept field, seed, the rest of the configuration, every quantity, weights_sha256. A
    /// quantity that a model does not have is missing in its row.
    /// </summary>
    public static Table OfResults(Survey study, IEnumerable<SurveyResult> results)
    {
        var rows = results.OrderBy(result => result.Item.Index).ToArray();
        var configurations = rows.Select(row => row.Item.Configuration).ToArray();
        var swept = study.Sweeps.Select(sweep => sweep.Field).ToArray();
        var quantities = rows.SelectMany(row => row.Quantities.Select(quantity => quantity.Item1)).Distinct(StringComparer.Ordinal).ToArray();
        var measured = rows.Select(row => row.Quantities.ToDictionary(quantity => quantity.Item1, quantity => quantity.Item2, StringComparer.Ordinal)).ToArray();
        return new(
            [
                Column.Of("index", rows.Select(row => row.Item.Index)),
                Column.Of("variant", rows.Select(row => row.Item.Variant.ToString())),
                .. swept.Select(field => Configured.Single(column => column.Name == field)).Select(Of),
                Column.Of("seed", configurations.Select(c => c.Seed)),
                .. Configured.Where(column => !swept.Contains(column.Name, StringComparer.Ordinal)).Select(Of),
                .. quantities.Select(name => Column.Of(name, measured.Select(row => row.TryGetValue(name, out var value) ? value : (double?)null))),
                Column.Of("weights_sha256", rows.Select(row => row.Weights)),
            ],
            rows.Length);

        Column Of((string Name, Func<string, IEnumerable<Configuration>, Column> Column) column) => column.Column(column.Name, configurations);
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

    private static (string Name, Func<string, IEnumerable<Configuration>, Column> Column) Whole(string name, Func<Configuration, int> of) =>
        (name, (name, all) => Column.Of(name, all.Select(of)));

    private static (string Name, Func<string, IEnumerable<Configuration>, Column> Column) Number(string name, Func<Configuration, double> of) =>
        (name, (name, all) => Column.Of(name, all.Select(c => (double?)of(c))));
}
