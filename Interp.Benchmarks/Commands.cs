using System.CommandLine;

namespace Interp.Benchmarks;

/// <summary>The benchmarks as commands, with their options.</summary>
internal static class Commands
{
    /// <summary>Interp's training step beside PyTorch's.</summary>
    public static Command Step()
    {
        var rounds = Count("--rounds", 9, "Rounds of both, in turn.");
        var only = new Option<string?>("--case") { HelpName = "NAME", Description = "One line of the table." };
        only.AcceptOnlyFromAmong([.. StepCommand.Names]);
        var python = new Option<string?>("--python") { HelpName = "PYTHON", Description = "A Python that has torch." };
        var command = new Command("step", "The training step beside PyTorch's.") { only, python, rounds };
        command.SetAction(parsed => StepCommand.Run(parsed.GetValue(only), parsed.GetValue(python), parsed.GetValue(rounds)));
        return command;
    }

    /// <summary>The main job by its stages.</summary>
    public static Command Job()
    {
        var (revision, rounds, steps) = (Base(), Count("--rounds", 5, "Reproductions of each source."), Count("--steps", 1, "Steps of each training."));
        var command = OfTheProgram(new("job", "`reproduce` by its stages, and the start of each command.") { revision, rounds, steps });
        command.SetAction(parsed => JobCommand.Run(parsed.GetValue(revision), parsed.GetValue(rounds), parsed.GetValue(steps)));
        return command;
    }

    /// <summary>Explanations found and judged.</summary>
    public static Command Explain()
    {
        var (revision, rounds) = (Base(), Count("--rounds", 3, "Runs of each source and model."));
        var command = OfTheProgram(new("explain", "`explain` of models of one layer and of two.") { revision, rounds });
        command.SetAction(parsed => ExplainCommand.Run(parsed.GetValue(revision), parsed.GetValue(rounds)));
        return command;
    }

    /// <summary>Trainings an hour.</summary>
    public static Command Study()
    {
        var (revision, rounds, seeds) = (Base(), Count("--rounds", 3, "Studies of each source."), Count("--seeds", 2, "Trainings of each kind."));
        var steps = Count("--steps", 10_000, "Steps of each training.");
        var command = OfTheProgram(new("study", "Trainings an hour, and the share of the time that is not training.") { revision, rounds, seeds, steps });
        command.SetAction(parsed => StudyCommand.Run(parsed.GetValue(revision), parsed.GetValue(rounds), parsed.GetValue(seeds), parsed.GetValue(steps)));
        return command;
    }

    /// <summary>How the cost grows with each size.</summary>
    public static Command Growth()
    {
        var picture = new Option<string?>("--out") { HelpName = "FILE.png", Description = "Where the picture goes." };
        picture.Validators.Add(found =>
        {
            if (found.GetValueOrDefault<string?>() is { } path && Path.GetExtension(path) != ".png")
            {
                found.AddError($"--out {path}: expected a name that ends with .png.");
            }
        });
        var only = new Option<string?>("--series") { HelpName = "NAME", Description = "What grows; without it everything, one after the other." };
        only.AcceptOnlyFromAmong([.. GrowthCommand.Names]);
        var command = OfTheProgram(new("growth", "How the cost grows with each size, beside its arithmetic's bound.") { picture, only });
        command.SetAction(parsed => GrowthCommand.Run(parsed.GetValue(picture), parsed.GetValue(only)));
        return command;
    }

    /// <summary>What a study of many rows takes.</summary>
    public static Command Merge()
    {
        var rows = new Option<int[]>("--rows")
        {
            HelpName = "N",
            Description = "Rows of each study.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [1_000, 10_000, 100_000],
        };
        rows.Validators.Add(found =>
        {
            if (found.GetValueOrDefault<int[]>()?.Any(count => count < 1) == true)
            {
                found.AddError("--rows: expected numbers from 1 on.");
            }
        });
        var command = OfTheProgram(new("merge", "What putting together a study of many rows takes.") { rows });
        command.SetAction(parsed => MergeCommand.Run(parsed.GetRequiredValue(rows)));
        return command;
    }

    /// <summary>What `interp evaluate` computes.</summary>
    public static Command Evaluate()
    {
        var threads = Count("--threads", Environment.ProcessorCount, "Threads.");
        var command = new Command("evaluate", "What `interp evaluate` computes.") { threads };
        command.SetAction(parsed => EvaluateCommand.Run(parsed.GetValue(threads)));
        return command;
    }

    /// <summary>What `interp evaluate --exact` computes.</summary>
    public static Command Exact()
    {
        var model = new Argument<FileInfo>("MODEL.safetensors") { Description = "The model." }.AcceptExistingOnly();
        var threads = Count("--threads", 1, "Threads.");
        var command = new Command("exact", "What `interp evaluate --exact` computes, on the first inputs.") { model, threads };
        command.SetAction(parsed => ExactCommand.Run(parsed.GetRequiredValue(model).FullName, parsed.GetValue(threads)));
        return command;
    }

    private static Option<string?> Base() =>
        new("--base") { HelpName = "REVISION", Description = "An older source to run beside this one, in turn; without it the last tag, if there is one." };

    private static Option<int> Count(string name, int otherwise, string description)
    {
        var option = new Option<int>(name) { HelpName = "N", Description = description, DefaultValueFactory = _ => otherwise };
        option.Validators.Add(found =>
        {
            if (found.GetValueOrDefault<int>() < 1)
            {
                found.AddError($"{name}: expected a number from 1 on.");
            }
        });
        return option;
    }

    /// <summary>A command that runs the program as it is built here.</summary>
    private static Command OfTheProgram(Command command)
    {
        command.Validators.Add(found =>
        {
            if (Programs.Missing is { } missing)
            {
                found.AddError(missing);
            }
        });
        return command;
    }
}
