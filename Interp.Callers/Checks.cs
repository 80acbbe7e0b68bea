using System.Globalization;

namespace Interp.Callers;

/// <summary>What a program in C# does with the library, each held against what is known of the study's trained models.</summary>
public static class Checks
{
    private const string Study = "repeat 6 x4 of 26";

    /// <summary>Every check by its name: an action on the directory of the trained models, which throws where something is not as expected.</summary>
    public static IReadOnlyDictionary<string, Action<string>> All { get; } = new Dictionary<string, Action<string>>(StringComparer.Ordinal)
    {
        ["a model is loaded, saved and loaded again"] = LoadAndSave,
        ["texts go in, tensors come out, and an element is a number"] = LogitsAndTensors,
        ["prompts are completed, with interventions by their printed forms"] = Complete,
        ["attention is a distribution over what comes before"] = Attention,
        ["circuits have the scores that were computed elsewhere"] = Circuits,
        ["a checkpoint is evaluated, ablated and explained on a task"] = Measures,
        ["a model is trained by named settings, watched and interrupted"] = Train,
        ["what does not fit is refused in one sentence"] = Refusals,
    };

    private static void LoadAndSave(string models)
    {
        var checkpoint = Checkpoint.Load(Smeared(models));
        Equal(10000, checkpoint.Steps);
        Equal(4, checkpoint.Architecture.NHeads);

        var model = Model.Load(Smeared(models));
        Equal(5852, model.Parameters());

        var directory = Directory.CreateTempSubdirectory("interp-callers-").FullName;
        try
        {
            var file = Path.Combine(directory, "model.safetensors");
            model.Save(file);
            Equal(model, Model.Load(directory));
            checkpoint.Save(file);
            Equal(checkpoint, Checkpoint.Load(directory));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static void LogitsAndTensors(string models)
    {
        var logits = Model.Load(Smeared(models)).Logits("ABCDEFABC");
        Equal("9 26", string.Join(' ', logits.Sizes()));
        double[,] rows = logits.ToArray2D();
        Equal(rows[8, 3], (double)logits[8, 3]);
        Equal(logits, rows.ToTensor());

        // D follows C.
        var last = logits[8].ToArray();
        Equal(3, Array.IndexOf(last, last.Max()));

        var x = Enumerable.Range(1, 4).Select(i => (double)i).ToTensor(2, 2);
        Equal(4.0, (double)(2.0 * x - 1.0)[1, 0] - (double)x[0, 0]);
    }

    private static void Complete(string models)
    {
        var model = Model.Load(Smeared(models));
        Equal("ABCDEFABCDEF", model.Complete("ABCDEFABCDEF", 24));
        NotEqual("ABCDEFABCDEF", model.Complete("ABCDEFABCDEF", 24, "zero 0.0", "zero 0.1", "zero 0.2", "zero 0.3"));
    }

    private static void Attention(string models)
    {
        var layers = Model.Load(Smeared(models)).Attention("ABCDEFABC");
        Equal(1, layers.Count);
        for (var head = 0; head < 4; head++)
        {
            Close(1.0, layers[0][head, 8].ToArray().Sum(), 1e-5);
            Equal(0.0, (double)layers[0][head, 3, 4]);
        }
    }

    private static void Circuits(string models)
    {
        var circuits = Model.Load(Smeared(models)).Circuits();

        // By an independent program, beside the model.
        Close(-0.9997756345330188, circuits.DirectPath.Spectrum.Score, 1e-6);
        Equal(4, circuits.OV.Length);
        foreach (var circuit in circuits.OV)
        {
            Equal(0, circuit.Head.Layer);
            Close(1.0, Math.Abs(circuit.Scores.Eigenvalues.Score), 0.25);
        }
    }

    private static void Measures(string models)
    {
        var checkpoint = Checkpoint.Load(Smeared(models));
        var evaluation = checkpoint.Evaluate(sequences: 1000, seed: 1, threads: 2, task: Study);

        // The independent program's on other sequences; 0.05 is more than three standard errors of a mean over a thousand.
        Close(1.2323379516601562, evaluation.Loss, 0.05);
        Equal(true, evaluation.LossStandardError is { Value: < 0.015 });

        var without = checkpoint.Evaluate(sequences: 1000, seed: 1, threads: 2, task: Study, "zero 0.2");
        var ablations = checkpoint.Ablate(sequences: 1000, threads: 2, task: Study);
        Close(evaluation.Loss, ablations.Whole, 1e-6);
        Close(without.Loss, ablations.Heads.Single(each => each.Head.Head == 2).Loss, 1e-6);

        Close(1.0, checkpoint.Explain("exact", sequences: 100, task: Study).Explained.Value, 1e-6);
        Equal(true, checkpoint.Explain("direct nothing", sequences: 100, task: Study).Explained.Value < 1.0);
        Equal(4, checkpoint.HeadScores(sequences: 10).Count);
    }

    private static void Train(string models)
    {
        var settings = new Dictionary<string, object>(StringComparer.Ordinal) { ["smear"] = "keys", ["steps"] = 120, ["batch"] = 16, ["seed"] = 7, ["learning_rate"] = 0.01 };
        var seen = new Seen();
        var trained = Model.Train(settings, seen, threads: 2);
        Equal("50 100 120", string.Join(' ', seen.Steps));
        Equal(120, trained.Steps);
        Equal(7UL, trained.Seed);
        Equal(true, trained.Evaluate(sequences: 200).Loss < Math.Log(26));
        Equal(trained, Model.Train(settings));

        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Throws<OperationCanceledException>(() => Model.Train(settings, cancellation: cancelled.Token));
    }

    private static void Refusals(string models)
    {
        var checkpoint = Checkpoint.Load(Smeared(models));
        foreach (var (words, refused) in new (string, Action)[]
        {
            ("no such file", () => Model.Load(Path.Combine(models, "nowhere.safetensors"))),
            ("place 2", () => checkpoint.Weights.Logits("A?")),
            ("zero", () => checkpoint.Weights.Logits("AB", "zer 0.1")),
            ("0.9", () => checkpoint.Weights.Logits("AB", "zero 0.9")),
            ("a task is needed", () => checkpoint.Evaluate()),
            ("direct", () => checkpoint.Explain("dirct exact", task: Study)),
            ("resample", () => checkpoint.Ablate("none", task: Study)),
            ("n_heads", () => Model.Train(new Dictionary<string, object>(StringComparer.Ordinal) { ["n_head"] = 2 })),
            ("steps", () => Model.Train(new Dictionary<string, object>(StringComparer.Ordinal) { ["steps"] = "many" })),
        })
        {
            var sentence = Throws<RefusedException>(refused).Message;
            Equal(true, sentence.Contains(words, StringComparison.Ordinal) ? true : throw new InvalidOperationException(sentence));
            Equal(true, sentence.EndsWith('.') && !sentence.Contains('\n', StringComparison.Ordinal));
        }
    }

    private static string Smeared(string models) => Path.Combine(models, "smeared_s11.safetensors");

    private static void Equal<T>(T expected, T found)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, found))
        {
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"found {found}, expected {expected}"));
        }
    }

    private static void NotEqual<T>(T other, T found)
    {
        if (EqualityComparer<T>.Default.Equals(other, found))
        {
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"found {found}, expected something else"));
        }
    }

    private static void Close(double expected, double found, double within)
    {
        // Written so that NaN fails.
        if (!(Math.Abs(expected - found) <= within))
        {
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"found {found}, expected {expected} within {within}"));
        }
    }

    private static TException Throws<TException>(Action action)
        where TException : Exception
    {
        try
        {
            action();
        }
        catch (TException expected)
        {
            return expected;
        }

        throw new InvalidOperationException($"nothing was thrown, expected {typeof(TException).Name}");
    }

    private sealed class Seen : IProgress<StepsTaken>
    {
        public List<int> Steps { get; } = [];

        public void Report(StepsTaken value) => Steps.Add(value.Step);
    }
}
