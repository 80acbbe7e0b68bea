module Interp.Properties.ShapeTests

open Expecto
open Interp

[<Tests>]
let tests =
    testList "Shape" [
        testProperty "the size of joined axes is the product of their sizes" (fun (left: Shape) (right: Shape) ->
            Shape.size (left @ right) = Shape.size left * Shape.size right)
    ]
