// What pages of the documents begin with: the libraries as they are built, and the way to the models of the study that PyTorch trained.

#r "../Interp.Figures/bin/Release/net10.0/Interp.Functional.dll"
#r "../Interp.Figures/bin/Release/net10.0/Interp.Pictures.dll"
#r "../Interp.Figures/bin/Release/net10.0/Interp.Figures.dll"

open System.IO

/// A model's file by its name: "plain_s11", "smeared_s11" or "two_layer_s11".
let golden name =
    Path.Combine(__SOURCE_DIRECTORY__, "..", "Interp.Properties", "Golden", "reference", name + ".safetensors")
