/// The library as C# calls it: what is checked is written in C#, in Interp.Callers.
module Interp.Properties.CallerTests

open System
open System.IO
open System.Reflection
open Expecto
open Interp
open Interp.Properties.Laws

let private folder = Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "..", "..", "Interp.Callers"))

let private models = Path.GetDirectoryName(ModelFiles.reference "smeared_s11.safetensors")

/// What nobody who writes C# wants to meet.
let private isForeign (found: Type) =
    let name = string found

    name.StartsWith("Microsoft.FSharp", StringComparison.Ordinal)
    || name.StartsWith("System.Tuple", StringComparison.Ordinal)

[<Tests>]
let tests =
    testList "C# callers" [
        for check in Callers.Checks.All do
            test check.Key { check.Value.Invoke models }

        test "name nothing of F#'s own library" {
            let sources = Directory.GetFiles(folder, "*.cs")
            Expect.isNonEmpty sources "sources"

            for source in sources do
                Expect.isFalse ((File.ReadAllText source).Contains "FSharp") source
        }

        test "meet no option, list, function or tuple of F#'s in what is made for them" {
            let made = [
                typeof<ModelMethods>
                typeof<CheckpointMethods>
                typeof<TensorMethods>
                typeof<Interp.Model>
                typeof<StepsTaken>
            ]

            for each in made do
                let methods = each.GetMethods(BindingFlags.Public ||| BindingFlags.Static ||| BindingFlags.DeclaredOnly)

                for method in methods do
                    for found in
                        method.ReturnType :: [ for parameter in method.GetParameters() -> parameter.ParameterType ] do
                        // The shapes and records that come back are the core's own.
                        Expect.isFalse (isForeign found) $"{each.Name}.{method.Name}: {found}"
        }

        test "without settings a training is the study's, and settings are fields of the one table" {
            let settings =
                dict [ "n_layers", box 2; "learning_rate", box 0.5; "seed", box 3UL; "schedule", box "constant" ]

            Expect.equal (Asked.configuration []) Configuration.study "the study's"

            Expect.equal
                (Asked.configuration settings)
                {
                    Configuration.study with
                        Architecture = { Configuration.study.Architecture with NLayers = 2 }
                        LearningRate = 0.5
                        Seed = 3UL
                }
                "settings"

            for field in Field.all do
                let value = string ((Field.describe field).Get Configuration.study)

                Expect.equal
                    (Asked.configuration (dict [ Field.name field, box value ]))
                    Configuration.study
                    $"{Field.name field} as it is written"
        }
    ]
