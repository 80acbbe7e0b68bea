using Interp;

// A model: a file, or a run's directory.
var model = ModelFiles.Model.load(args[0]);

foreach (var head in Circuits.spectra(model).OV)
    Console.WriteLine($"head {head.Head} copies: {head.Spectrum.Score:F3}");

// Lists are written with brackets, as lists of C# are.
var held = new Reference(sequences: 500, seed: 1);
var whole = Intervened.loss(2, Tasks.study, model, [], held);
var without = Intervened.loss(2, Tasks.study, model, [Intervention.NewZeroAblate(new HeadAddress(0, 1))], held);
Console.WriteLine($"loss {whole:F3}, without head 0.1 {without:F3}");

// A training. States are values: nothing is changed, and any of them can be gone on from.
var configuration = ConfigurationModule.studySmeared;
var task = Tasks.ofForm(configuration.Task);
var trainer = Training.compile(2, Recipe.objective(configuration, task));
var trained = Training.advance(trainer, 20, Recipe.start(configuration));
Console.WriteLine($"after {trained.State.Step} steps: {trained.Losses.Last():F3} nats a letter");

// What a user got wrong is one sentence.
try
{
    Intervened.loss(2, Tasks.study, model, [Intervention.NewZeroAblate(new HeadAddress(3, 0))], held);
}
catch (RefusedException refused)
{
    Console.WriteLine(refused.Message);
}
