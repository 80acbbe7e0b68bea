/// The table of all primitives with random cases, to hold them to their definitions: what is not in it is not known to be right.
module Interp.Properties.Primitives

open Interp
open Interp.Properties.Laws

/// One application of a primitive to admissible inputs.
[<NoEquality; NoComparison>]
type PrimitiveCase = {
    Inputs: Tensor list
    Apply: Tensor list -> Tensor
    /// Numbers of the inputs that the primitive is differentiable in; the others are indices.
    Differentiable: int list
}

/// A primitive with random cases: shapes and elements are drawn from the key.
[<NoEquality; NoComparison>]
type PrimitiveSample = { Name: string; Case: Key -> PrimitiveCase }

// A case draws from children of its key; `use'` tells the draws of one case apart.

let private draw (bound: int) (use': int) key = (Key.integers bound 1 (Key.split (uint64 use') key))[0]

// Rows that end before, at and behind the sixteen lanes of a vector.
let private width use' key = [| 1; 2; 3; 7; 16; 17; 33 |][draw 7 use' key]

/// A shape of rank `lowest` to 3.
let private shape lowest key =
    match lowest + draw (4 - lowest) 1 key with
    | 0 -> []
    | rank -> List.init (rank - 1) (fun axis -> 1 + draw 4 (2 + axis) key) @ [ width 5 key ]

let private normal use' key shape = Laws.normal shape use' key

/// In [0.5, 2), where logarithm, root and quotient are smooth.
let private positive use' key shape = Tensor.uniform 0.5 2.0 shape (Key.split (uint64 use') key)

/// At least 0.05 away from zero, where gate and relu are not smooth.
let private offZero use' key shape =
    (normal use' key shape).ToArray()
    |> Array.map (fun x -> if x < 0.0f then x - 0.05f else x + 0.05f)
    |> Tensor.ofArray shape

let private indices use' key bound count =
    Key.integers bound count (Key.split (uint64 use') key)
    |> Array.map float32
    |> Tensor.ofArray [ count ]

/// The items in a random order.
let shuffle use' key items =
    let order = Key.words (List.length items) (Key.split (uint64 use') key)
    items |> List.indexed |> List.sortBy (fun (i, _) -> order[i]) |> List.map snd

let private sample name (case: Key -> PrimitiveCase) = { Name = name; Case = case }

let private one (f: Tensor -> Tensor) input = {
    Inputs = [ input ]
    Apply = fun x -> f x.Head
    Differentiable = [ 0 ]
}

let private two (f: Tensor -> Tensor -> Tensor) a b = {
    Inputs = [ a; b ]
    Apply = fun x -> f x[0] x[1]
    Differentiable = [ 0; 1 ]
}

let private unary name f input = sample name (fun key -> one f (input 10 key (shape 0 key)))

/// Operands that broadcast: either may lack leading axes or have one entry where the other has more.
let private binaryOf name f first second =
    sample name (fun key ->
        let full = shape 0 key

        let thinned use' =
            let dropped = if draw 3 use' key = 0 then draw (full.Length + 1) (use' + 1) key else 0

            full
            |> List.mapi (fun axis n -> if draw 4 (use' + 2 + axis) key = 0 then 1 else n)
            |> List.skip dropped

        two f (first 10 key (thinned 20)) (second 11 key (thinned 30)))

let private binary name f second = binaryOf name f normal second

/// A shape, and one that stretches to it but is not it.
let private stretched key =
    let full = 2 :: shape 0 key
    let thin = full |> List.mapi (fun axis n -> if axis = 0 || draw 2 (20 + axis) key = 0 then 1 else n)
    full, (if draw 2 30 key = 0 then List.tail thin else thin)

let private einsum key =
    let axes first count = [ for axis in 0 .. count - 1 -> char (int first + axis) ]
    let batch = axes 'a' (draw 2 20 key)
    let rows = axes 'd' (draw 3 21 key)
    let columns = axes 'g' (draw 3 22 key)
    let depth = axes 'j' (draw 3 23 key)
    let sizes = Map [ for axis in batch @ rows @ columns @ depth -> axis, 1 + draw 4 (30 + int axis) key ]
    // One axis may be longer than a tile of the product.
    let long = batch @ rows @ columns @ depth |> List.tryItem (draw 8 24 key)
    let size axis = if Some axis = long then width 25 key else sizes[axis]
    let a = shuffle 26 key (batch @ rows @ depth)
    let b = shuffle 27 key (batch @ columns @ depth)
    let result = shuffle 28 key (batch @ rows @ columns)
    let text (axes: char list) = System.String.Concat axes

    two
        (Tensor.einsum $"{text a},{text b}->{text result}")
        (normal 10 key (List.map size a))
        (normal 11 key (List.map size b))

/// A table [.., rows, width] and the number of places [.., n, width].
let private rowsOf key =
    let outer = if draw 2 20 key = 0 then [] else [ 1 + draw 3 21 key ]
    outer, 2 + draw 25 22 key, 1 + draw 25 23 key, width 24 key

let private withIndices f x index = {
    Inputs = [ x; index ]
    Apply = fun x -> f x[0] x[1]
    Differentiable = [ 0 ]
}

let private logits key =
    let rows, letters = 1 + draw 25 20 key, 1 + draw 30 21 key
    normal 10 key [ rows; letters ], indices 11 key letters rows

/// [head, pos, key_pos] and [head, pos, d_head].
let private causal key =
    let head, pos = 1 + draw 3 20 key, [| 1; 2; 3; 15; 16; 17; 24 |][draw 7 21 key]
    [ head; pos; pos ], [ head; pos; 1 + draw 9 22 key ]

// From -1.75 to 2.25; not 0.
let private factor key = -1.75 + float (draw 9 30 key) / 2.0

let private smeared f =
    fun key ->
        let _, keys = causal key
        two f (normal 10 key keys) (normal 11 key [ keys[0]; keys[1] - 1 ])

let all: PrimitiveSample list = [
    binary "add" Arithmetic.add normal
    binary "subtract" Arithmetic.subtract normal
    binary "multiply" Arithmetic.multiply normal
    binary "divide" Arithmetic.divide positive
    binaryOf "gate" Functions.gate offZero normal
    sample "quotientSlope" (fun key ->
        let shape = shape 0 key

        {
            Inputs = [ normal 10 key shape; positive 11 key shape; normal 12 key shape ]
            Apply = fun x -> Arithmetic.quotientSlope x[0] x[1] x[2]
            Differentiable = [ 0; 1; 2 ]
        })
    sample "scale" (fun key -> one (Arithmetic.scale (factor key)) (normal 10 key (shape 0 key)))
    sample "sumTo" (fun key ->
        let full, thin = stretched key
        one (Arithmetic.sumTo thin) (normal 10 key full))
    sample "meanTo" (fun key ->
        let full, thin = stretched key
        one (Arithmetic.meanTo thin) (normal 10 key full))
    sample "broadcastTo" (fun key ->
        let full, thin = stretched key
        one (Arithmetic.broadcastTo full) (normal 10 key thin))
    unary "batchSum" Arithmetic.batchSum normal
    unary "spread" (fun x -> Trace.apply (Trace.spreadPrimitive ()) [| x |]) normal

    unary "exp" Functions.exp normal
    unary "log" Functions.log positive
    unary "sqrt" Functions.sqrt positive
    unary "sigmoid" Functions.sigmoid normal
    unary "tanh" Functions.tanh normal
    unary "relu" Functions.relu offZero
    // Up to 0.9 within the bound of 1, or 1.1 and more: not where it is not smooth.
    unary "clip" (Functions.clip 1.0) (fun use' key shape ->
        (normal use' key shape).ToArray()
        |> Array.map (fun x -> if abs x < 1.0f then 0.9f * x else 1.1f * x)
        |> Tensor.ofArray shape)

    sample "reshape" (fun key ->
        let shape = shape 0 key
        one (Movement.reshape (shape @ [ 1 ])) (normal 10 key shape))
    sample "transpose" (fun key ->
        let shape = shape 0 key
        one (Axes.transpose (shuffle 20 key [ 0 .. shape.Length - 1 ])) (normal 10 key shape))
    sample "slice" (fun key ->
        let shape = shape 1 key
        let axis = draw shape.Length 20 key
        let start = draw shape[axis] 21 key
        let count = 1 + draw (shape[axis] - start) 22 key
        one (Movement.slice axis start count) (normal 10 key shape))
    sample "pad" (fun key ->
        let shape = shape 1 key
        let axis = draw shape.Length 20 key
        let start = draw 4 21 key
        one (Movement.pad axis start (start + shape[axis] + draw 4 22 key)) (normal 10 key shape))

    sample "einsum" einsum

    unary "softmax" Normalisation.softmax (fun use' key _ -> normal use' key (shape 1 key))
    sample "softmaxGradient" (fun key ->
        let shape = shape 1 key
        two Normalisation.softmaxGradient (normal 10 key shape) (normal 11 key shape))
    unary "logSumExp" Normalisation.logSumExp (fun use' key _ -> normal use' key (shape 1 key))
    unary "logSoftmax" Normalisation.logSoftmax (fun use' key _ -> normal use' key (shape 1 key))
    unary "layerNorm" (Normalisation.layerNorm 0.1) (fun use' key _ -> normal use' key (shape 1 key))
    unary "deviation" (Normalisation.deviation 0.1) (fun use' key _ -> normal use' key (shape 1 key))
    sample "pick" (fun key -> logits key ||> withIndices Normalisation.pick)
    sample "place" (fun key ->
        let _, targets = logits key
        withIndices (Normalisation.place 30) (normal 12 key targets.Shape) targets)
    sample "crossEntropy" (fun key -> logits key ||> withIndices Normalisation.crossEntropy)
    sample "isLikeliest" (fun key -> logits key ||> withIndices Normalisation.isLikeliest)
    sample "crossEntropyGradient" (fun key ->
        let logits, targets = logits key

        {
            Inputs = [ logits; targets; normal 12 key targets.Shape ]
            Apply = fun x -> Normalisation.crossEntropyGradient x[0] x[1] x[2]
            Differentiable = [ 0; 2 ]
        })

    sample "gather" (fun key ->
        let outer, letters, n, width = rowsOf key
        withIndices Gathering.gather (normal 10 key (outer @ [ letters; width ])) (indices 11 key letters n))
    sample "scatter" (fun key ->
        let outer, letters, n, width = rowsOf key
        withIndices (Gathering.scatter letters) (normal 10 key (outer @ [ n; width ])) (indices 11 key letters n))

    sample "causalDot" (fun key ->
        let _, vectors = causal key
        two (CausalProducts.dot (factor key)) (normal 10 key vectors) (normal 11 key vectors))
    sample "causalMix" (fun key ->
        let pattern, vectors = causal key
        two (CausalProducts.mix (factor key)) (normal 10 key pattern) (normal 11 key vectors))
    sample "causalMixTransposed" (fun key ->
        let pattern, vectors = causal key
        two (CausalProducts.mixTransposed (factor key)) (normal 10 key pattern) (normal 11 key vectors))
    sample "causalLower" (fun key -> one CausalProducts.lower (normal 10 key (fst (causal key))))
    sample "causalSoftmax" (fun key -> one CausalProducts.softmax (normal 10 key (fst (causal key))))
    sample "causalSoftmaxGradient" (fun key ->
        let pattern, _ = causal key
        two CausalProducts.softmaxGradient (normal 10 key pattern) (normal 11 key pattern))

    sample "smear" (smeared Smearing.smear)
    sample "smearKeysGradient" (smeared Smearing.keysGradient)
    sample "smearWeightGradient" (fun key ->
        let _, keys = causal key
        two Smearing.weightGradient (normal 10 key keys) (normal 11 key keys))
]

let private applied (case: PrimitiveCase) =
    match case.Apply(case.Inputs |> List.map (fun input -> Trace.variable input.Shape)) with
    | Node { Source = Applied(primitive, inputs) } when
        inputs
        |> Array.forall (fun input ->
            match input with
            | Node node -> node.Source.IsVariable
            | Value _ -> false)
        ->
        primitive
    | _ -> failwith "A case must apply exactly one primitive to its inputs."

/// The name of the primitive that a case applies, which must be one and no more.
let name (case: PrimitiveCase) : string = (applied case).Name

/// The definition of a case's primitive in float64, as a function of the elements of its inputs (row-major).
let definition (case: PrimitiveCase) : float[] list -> float[] =
    let primitive = applied case
    let shapes = case.Inputs |> List.map _.Shape
    fun inputs -> primitive.Definition shapes (List.toArray inputs)

/// The names of all primitives that occur when a case is differentiated twice, for one sequence and for values of a
/// batch in any of its inputs.
let reached (case: PrimitiveCase) : Set<string> =
    let random (x: Tensor) = Tensor.normal x.Shape (Key.ofSeed 0UL)

    let project (tensors: Tensor list) =
        tensors
        |> List.map (fun x -> Tensor.dot x (random x))
        |> List.reduce Arithmetic.add
        |> Arithmetic.batchSum

    let names batched =
        let variables =
            case.Inputs
            |> List.mapi (fun i input -> Trace.node Variable input.Shape (List.contains i batched) true)

        let arguments = case.Differentiable |> List.map (fun i -> variables[i])
        let gradient (y: Tensor) = Differentiation.pullback y (Tensor.scalar 1.0) arguments
        let first = gradient (project [ case.Apply variables ])

        Ordering.reachable (first @ gradient (project first))
        |> Array.choose (fun node ->
            match node.Source with
            | Applied(primitive, _) -> Some primitive.Name
            | _ -> None)
        |> Set.ofArray

    let inputs = [ 0 .. case.Inputs.Length - 1 ]

    [] :: inputs :: List.map List.singleton inputs |> List.map names |> Set.unionMany
