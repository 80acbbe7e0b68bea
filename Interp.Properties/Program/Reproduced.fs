/// One reproduction for all the tests that look at one: all three models, thirty steps, and as on a machine without fonts.
module Interp.Properties.Reproduced

open System
open System.IO
open Interp.Properties.Processes

let steps = 30

let models = [ "plain"; "smeared"; "two_layer" ]

let private reproduced =
    lazy
        (let parent = Directory.CreateTempSubdirectory "interp-reproduced-"
         AppDomain.CurrentDomain.ProcessExit.Add(fun _ -> parent.Delete true)
         let place = Path.Combine(parent.FullName, "run")
         let arguments = [ "reproduce"; "--all"; "--steps"; string steps; "--out"; place; "--json" ]
         place, interpWith [ "FONTCONFIG_FILE", "/dev/null" ] arguments)

/// The directory, once the program did well.
let directory () =
    let place, outcome = reproduced.Value
    succeeds outcome
    place

/// What the program printed.
let outcome () = snd reproduced.Value
