using System.Text.Json.Nodes;
using Interp.Host.Drawn;
using Interp.Host.Json;
using Interp.Pictures;
using Interp.Runs.Directories;
using Interp.Runs.Endings;
using Interp.Runs.Results;
using Interp.Runs.Surroundings;
using Interp.Runs.Wording;
using Microsoft.FSharp.Core;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary><c>interp patch</c>: which activations of a clean text restore its answer in the run of a corrupt one.</summary>
internal static class PatchCommand
{
    private static readonly string[] KindOrder = ["residual", "q", "k", "v", "pattern", "z"];

    public static void Run(World world, PatchOptions options)
    {
        var files = PictureFiles.Of(world.Disk, options.Pictures);
        var terminal = world.Terminal(options.Json);
        var model = GivenModel.Load(world, terminal, options.Model, options.Task);
        var clean = Texts.Parse(model, "--clean", options.Clean);
        var corrupt = Texts.Parse(model, "--corrupt", options.Corrupt);
        if (clean.Length != corrupt.Length)
        {
            throw new BadInputException($"--clean has {clean.Length} letters and --corrupt {corrupt.Length}, expected as many.");
        }

        var answer = Letter(model, options, "--answer", options.Answer, clean.Tokens);
        var wrong = Letter(model, options, "--wrong", options.Wrong, corrupt.Tokens);
        if (answer == wrong)
        {
            throw new BadInputException($"both texts are followed by {VocabularyModule.name(model.Names, answer)}, so there is no difference to restore; give other texts, or --answer and --wrong.");
        }

        var patching = terminal.Busy(
            "patching", () => Intervening.Checked(
                model, options.Interventions, interventions => PatchingModule.measureWith(model.Task, model.Weights, interventions, answer, wrong, clean.Tokens, corrupt.Tokens)));
        if (patching.CleanDifference == patching.CorruptDifference)
        {
            throw new BadInputException("the model tells the two letters apart alike after both texts, so there is no difference to restore.");
        }

        var sites = PatchedSite.Of(patching);
        var pictures = files.Write(() => TextFigures.Patching(clean, corrupt, sites));
        terminal.Result(
            () => new JsonObject
            {
                ["clean"] = clean.ToString(),
                ["corrupt"] = corrupt.ToString(),
                ["answer"] = VocabularyModule.name(model.Names, answer),
                ["wrong"] = VocabularyModule.name(model.Names, wrong),
                ["clean_difference"] = Values.Number(patching.CleanDifference),
                ["corrupt_difference"] = Values.Number(patching.CorruptDifference),
                ["sites"] = Values.List(sites, MeasurementJson.Of),
            }.With(Intervening.Json(options.Interventions)).With(Values.Pictures(pictures)),
            console =>
            {
                Intervening.Show(console, options.Interventions);
                Terminal.Line(console, $"Logit of {VocabularyModule.name(model.Names, answer)} minus logit of {VocabularyModule.name(model.Names, wrong)}: {Words.Third(patching.CleanDifference)} after {clean}, {Words.Third(patching.CorruptDifference)} after {corrupt}.");
                foreach (var kind in sites.GroupBy(site => site.Kind).OrderBy(kind => Array.IndexOf(KindOrder, kind.Key)))
                {
                    console.Write(Table([.. kind], corrupt));
                }

                PictureFiles.Show(console, pictures);
            });
    }

    /// <summary>The letter asked for, or the one that the model finds likeliest after the text.</summary>
    private static int Letter(GivenModel model, PatchOptions options, string option, FSharpOption<string>? asked, Tokens text)
    {
        if (asked?.Value is { } letter)
        {
            var tokens = Texts.Parse(model, option, letter);
            return tokens.Length == 1 ? tokens[0] : throw new BadInputException($"{option} {letter}: expected one letter.");
        }

        return Intervening.Checked(
            model, options.Interventions, interventions => Decoding.likeliest(Intervened.logits(1, model.Task, model.Weights, interventions), text));
    }

    private static Table Table(IReadOnlyList<PatchedSite> sites, NamedText text)
    {
        var table = new Table().Border(TableBorder.Rounded).Title($"{sites[0].Meaning}: share restored by patching one position, %").AddColumn("site");
        for (var position = 0; position < text.Length; position++)
        {
            table.AddColumn(new TableColumn(Names.Markup(text.Place(position))).RightAligned());
        }

        foreach (var site in sites)
        {
            table.AddRow([site.Site.ToString(), .. site.Restored.Select(Cell)]);
        }

        return table;
    }

    private static string Cell(double restored)
    {
        var percent = Math.Round(100 * restored);
        return percent == 0 ? "." : Math.Abs(percent) >= 20 ? $"[bold]{Words.Minus(percent)}[/]" : Words.Minus(percent);
    }
}
