using Interp;

// A model: a file, or a run's directory.
var model = Model.Load(args[0]);

foreach (var circuit in model.Circuits().OV)
    Console.WriteLine($"head {circuit.Head} copies: {circuit.Scores.Eigenvalues.Score:F3}");

// Interventions are written as on the command line; several stand one behind another.
Console.WriteLine($"ABCDEFABCDEF goes on as {model.Complete("ABCDEFABCDEF", 24)}");
Console.WriteLine($"without a head as       {model.Complete("ABCDEFABCDEF", 24, "zero 0.1")}");

// Tensors have indices, and become arrays.
Tensor logits = model.Logits("ABCDEFABC");
Console.WriteLine($"the logit of D behind C: {(double)logits[8, 3]:F2}");

// What is known of a model's training is a checkpoint's; so are measures on a task.
var checkpoint = Checkpoint.Load(args[0]);
const string task = "repeat 6 x4 of 26";
var evaluation = checkpoint.Evaluate(sequences: 500, task: task);
Console.WriteLine($"loss {evaluation.Loss:F3}, right {100 * evaluation.Accuracy:F1} %");
Console.WriteLine($"padlocks explain {checkpoint.Explain("qk 0.* two-numbers", sequences: 200, task: task).Explained.Value:F2} of it");

// A training, by the names of the command line's options.
var settings = new Dictionary<string, object> { ["smear"] = "keys", ["batch"] = 64, ["steps"] = 20 };
var trained = Model.Train(settings, threads: 2);
Console.WriteLine($"trained for {trained.Steps} steps: loss {trained.Evaluate(sequences: 200).Loss:F3}");

// What a user got wrong is one sentence.
try
{
    model.Logits("ABC", "zero 3.0");
}
catch (RefusedException refused)
{
    Console.WriteLine(refused.Message);
}
