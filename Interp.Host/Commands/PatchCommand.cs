using System.Text.Json.Nodes;
using Interp.Host.Endings;
using Interp.Host.Figures;
using Interp.Host.Json;
using Interp.Host.Results;
using Interp.Host.Runs;
using Interp.Host.Surroundings;
using Interp.Host.Wording;
using Microsoft.FSharp.Core;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary><c>interp patch</c>: which activations of a clean text restore its answer in the run of a corrupt one.</summary>
internal static class PatchCommand
{
    private static readonly string[] KindOrder = ["residual", "q", "k", "v", "pattern", "z"];

    public static void Run(World world, PatchOptions options)
    {
        var checkpoint = ModelFile.Load(world.Disk, options.Model);
        var clean = Texts.Parse(checkpoint.Architecture, "--clean", options.Clean);
        var corrupt = Texts.Parse(checkpoint.Architecture, "--corrupt", options.Corrupt);
        if (clean.Length != corrupt.Length)
        {
            throw new BadInputException($"--clean has {clean.Length} letters and --corrupt {corrupt.Length}, expected as many.");
        }

        var answer = Letter(checkpoint, "--answer", options.Answer, clean);
        var wrong = Letter(checkpoint, "--wrong", options.Wrong, corrupt);
        if (answer == wrong)
        {
            throw new BadInputException($"both texts are followed by {Letters.name(answer)}, so there is no difference to restore; give other texts, or --answer and --wrong.");
        }

        var terminal = world.Terminal(options.Json);
        var patching = terminal.Busy(
            "patching", () => PatchingModule.measure(checkpoint.Task, checkpoint.Weights, answer, wrong, clean, corrupt));
        if (patching.CleanDifference == patching.CorruptDifference)
        {
            throw new BadInputException("the model tells the two letters apart alike after both texts, so there is no difference to restore.");
        }

        var sites = PatchedSite.Of(patching);
        var pictures = PictureFiles.Write(world.Disk, options.Out, () => TextFigures.Patching(Letters.toText(clean), Letters.toText(corrupt), sites));
        terminal.Result(
            () => new JsonObject
            {
                ["clean"] = Letters.toText(clean),
                ["corrupt"] = Letters.toText(corrupt),
                ["answer"] = Letters.name(answer),
                ["wrong"] = Letters.name(wrong),
                ["clean_difference"] = Values.Number(patching.CleanDifference),
                ["corrupt_difference"] = Values.Number(patching.CorruptDifference),
                ["sites"] = Values.List(sites, MeasurementJson.Of),
            }.With(Values.Pictures(pictures)),
            console =>
            {
                Terminal.Line(console, $"Logit of {Letters.name(answer)} minus logit of {Letters.name(wrong)}: {Words.Third(patching.CleanDifference)} after {Letters.toText(clean)}, {Words.Third(patching.CorruptDifference)} after {Letters.toText(corrupt)}.");
                foreach (var kind in sites.GroupBy(site => site.Kind).OrderBy(kind => Array.IndexOf(KindOrder, kind.Key)))
                {
                    console.Write(Table([.. kind], Letters.toText(corrupt)));
                }

                PictureFiles.Show(console, pictures);
            });
    }

    /// <summary>The letter asked for, or the one that the model finds likeliest after the text.</summary>
    private static int Letter(Checkpoint checkpoint, string option, FSharpOption<string>? asked, Tokens text)
    {
        if (asked?.Value is { } letter)
        {
            var tokens = Texts.Parse(checkpoint.Architecture, option, letter);
            return tokens.Length == 1 ? tokens.ToArray()[0] : throw new BadInputException($"{option} {letter}: expected one letter.");
        }

        return Decoding.likeliest(checkpoint.Weights, text);
    }

    private static Table Table(IReadOnlyList<PatchedSite> sites, string text)
    {
        var table = new Table().Border(TableBorder.Rounded).Title($"{sites[0].Meaning}: share restored by patching one position, %").AddColumn("site");
        foreach (var (position, letter) in text.Index())
        {
            table.AddColumn(new TableColumn($"{letter}{position}").RightAligned());
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
