/// Shapes of up to four axes, and operands that lie in them in any order.
module Interp.Properties.Views

open FsCheck.FSharp

/// All indices of a shape, last axis fastest.
let rec walk (shape: int list) =
    match shape with
    | [] -> [ [] ]
    | n :: rest -> [
        for i in 0 .. n - 1 do
            for tail in walk rest -> i :: tail
      ]

let rowMajor (shape: int list) = List.scanBack (*) shape 1 |> List.tail

let offset (strides: int list) (index: int list) = List.sum (List.map2 (*) strides index)

/// A shape of up to four axes, and for each of two operands the axes along which it varies, in any order in memory.
let views = gen {
    let! rank = Gen.choose (0, 4)

    let! shape =
        Gen.listOfLength rank (Gen.frequency [ 6, Gen.choose (1, 5); 2, Gen.constant 16; 1, Gen.elements [ 8; 33 ] ])

    let strides = gen {
        let! present = Gen.listOfLength rank (Gen.frequency [ 3, Gen.constant true; 1, Gen.constant false ])
        let! order = Gen.frequency [ 2, Gen.constant [| 0 .. rank - 1 |]; 1, Gen.shuffle [| 0 .. rank - 1 |] ]
        let result = Array.zeroCreate rank
        let mutable size = 1

        for axis in Array.rev order do
            if present[axis] then
                result[axis] <- size
                size <- size * shape[axis]

        return List.ofArray result
    }

    let! a = strides
    let! b = strides
    return shape, a, b
}

let extent shape strides = 1 + List.sum (List.map2 (fun n s -> (n - 1) * s) shape strides)
