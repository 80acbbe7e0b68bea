using Interp.Runs.Results;

namespace Interp.Host.Report.Sections;

/// <summary>The command lines that make the report's figures again, as typed in the run's directory.</summary>
internal static class CommandLines
{
    public static string Circuits(ModelResults model) => $"interp circuits {model.Checkpoint} --json";

    public static string Matrices(ModelResults model) => $"interp circuits {model.Checkpoint} --matrices --json";

    public static string Attention(ModelResults model) =>
        $"interp attention {model.Checkpoint} --sequences {model.Attention.Reference.Sequences} --seed {model.Attention.Reference.Seed} --json";

    /// <summary>On the console, where it shows attention by offset.</summary>
    public static string AttentionByOffset(ModelResults model) =>
        $"interp attention {model.Checkpoint} --sequences {model.Attention.Reference.Sequences} --seed {model.Attention.Reference.Seed}";

    public static string Evaluate(ModelResults model) =>
        $"interp evaluate {model.Checkpoint} --sequences {model.Evaluation.Reference.Sequences} --seed {model.Evaluation.Reference.Seed} --json";

    public static string Complete(ModelResults model) =>
        $"interp complete {model.Checkpoint} --prompt {string.Join(' ', model.Completions.Select(completion => Letters.toText(completion.Prompt)))} --json";

    public static string Ablate(ModelResults model) =>
        $"interp ablate {model.Checkpoint} --sequences {model.Ablations[0].Reference.Sequences} --seed {model.Ablations[0].Reference.Seed} --json";

    public static string Heads(ModelResults model) =>
        $"interp heads {model.Checkpoint} --sequences {model.HeadScores.Reference.Sequences} --seed {model.HeadScores.Reference.Seed} --json";

    /// <summary>Only for a model whose heads compose.</summary>
    public static string Compose(ModelResults model) =>
        $"interp compose {model.Checkpoint} --sequences {model.Composition!.Reference.Sequences} --seed {model.Composition.Reference.Seed} --json";

    /// <summary>Only for a model whose explanations are judged.</summary>
    public static string Explain(ModelResults model) =>
        $"interp explain {model.Checkpoint} --sequences {model.Explanations!.Reference.Sequences} --seed {model.Explanations.Reference.Seed} --out {model.Name}-explained";

    public static string Train(ModelResults model) =>
        $"interp train{(model.Configuration.Architecture.NLayers > 1 ? $" --n-layers {model.Configuration.Architecture.NLayers}" : string.Empty)}{(model.Configuration.Architecture.Smear.IsKeys ? " --smeared" : string.Empty)} --steps {model.Configuration.Steps} --seed {model.Configuration.Seed} --out {model.Name}-again";
}
