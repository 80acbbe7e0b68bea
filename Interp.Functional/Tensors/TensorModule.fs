namespace Interp

open System

/// Making, reading and combining tensors. Every function is pure, and differentiable where its value is a tensor;
/// shapes that do not fit raise `ArgumentException` naming them. Axes are counted from 0, negative ones from the back.
[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Tensor =

    // Making and reading

    /// A tensor of the given shape from a copy of its elements, row-major. Raises `ArgumentException` for more or fewer
    /// elements than the shape has.
    let ofArray (shape: Shape) (elements: float32[]) =
        if Shape.size shape <> elements.Length then
            Shape.fail
                $"Tensor.ofArray: shape {Shape.show shape} wants {Shape.size shape} elements, found {elements.Length}."

        Value(shape, Array.copy elements)

    /// A vector, rounded to float32.
    let vector (elements: float seq) =
        let elements = elements |> Seq.map float32 |> Seq.toArray
        Value([ elements.Length ], elements)

    /// A matrix from its rows. Raises `ArgumentException` for rows of different lengths, or none.
    let matrix (rows: float list list) =
        match rows |> List.map List.length |> List.distinct with
        | [ width ] -> Value([ rows.Length; width ], rows |> List.concat |> List.map float32 |> List.toArray)
        | [] -> Shape.fail "Tensor.matrix: there are no rows."
        | widths -> Shape.fail $"""Tensor.matrix: rows are of different lengths, {String.Join(", ", widths)}."""

    /// A matrix from an array of rows, rounded to float32: `array2D [ [ 1.0; 2.0 ]; [ 3.0; 4.0 ] ]` is one.
    let ofArray2D (rows: float[,]) =
        Value([ Array2D.length1 rows; Array2D.length2 rows ], rows |> Seq.cast<float> |> Seq.map float32 |> Seq.toArray)

    /// A tensor of the given shape from its elements, row-major, rounded to float32. Raises `ArgumentException` for more or fewer
    /// elements than the shape has.
    let ofSeq (shape: Shape) (elements: float seq) = elements |> Seq.map float32 |> Seq.toArray |> ofArray shape

    /// A tensor of no axes.
    let scalar (x: float) = Value([], [| float32 x |])

    /// The same number everywhere.
    let full (shape: Shape) (x: float) = ofArray shape (Array.create (Shape.size shape) (float32 x))

    /// Zeros.
    let zeros shape = full shape 0.0

    /// Ones.
    let ones shape = full shape 1.0

    /// Zeros of another tensor's shape.
    let zerosLike (x: Tensor) = zeros x.Shape

    /// An element for each index, which has an entry for each axis.
    let init (shape: Shape) (f: int list -> float) =
        let strides = Shape.strides shape |> Array.toList
        let index e = List.map2 (fun stride n -> e / stride % n) strides shape
        ofArray shape (Array.init (Shape.size shape) (index >> f >> float32))

    /// The identity matrix [n, n].
    let eye n = init [ n; n ] (fun index -> if index[0] = index[1] then 1.0 else 0.0)

    /// Random numbers, uniform in [low, high), from the key's stream: multiples of (high - low) / 2^24 from `low` on, rounded to
    /// float32; what would round to `high`, or below `low`, is the last or first float32 of the interval. Raises `ArgumentException`
    /// for ends that are not finite or beyond float32's, and for an interval without a float32.
    let uniform (low: float) (high: float) (shape: Shape) key =
        let greatest = float Single.MaxValue

        // Written so that NaN fails.
        if not (-greatest <= low && low < high && high <= greatest) then
            Shape.fail
                $"Tensor.uniform: the interval is from {Quote.number low} to {Quote.number high}, expected two float32 numbers, the lower one first."

        let first =
            let nearest = float32 low in if float nearest < low then MathF.BitIncrement nearest else nearest

        let last =
            let nearest = float32 high in if float nearest >= high then MathF.BitDecrement nearest else nearest

        if first > last then
            Shape.fail $"Tensor.uniform: there is no float32 from {Quote.number low} to below {Quote.number high}."

        Key.uniform (Shape.size shape) key
        |> Array.map (fun u -> Math.Clamp(float32 (low + (high - low) * float u), first, last))
        |> ofArray shape

    /// Random numbers from the normal distribution of mean 0 and variance 1, from the key's stream.
    let normal (shape: Shape) key = ofArray shape (Key.normal (Shape.size shape) key)

    /// The one element. Raises `ArgumentException` for more, `InvalidOperationException` while traced.
    let toScalar (x: Tensor) = float (Movement.single x)

    /// The element at an index, which has an entry for each axis. Raises `ArgumentException` outside of the shape,
    /// `InvalidOperationException` while traced.
    let item (index: int list) (x: Tensor) =
        if index.Length <> x.Shape.Length then
            Shape.fail
                $"Tensor.item: the index {Shape.show index} has {index.Length} numbers, the shape {Shape.show x.Shape} has {x.Shape.Length} axes."

        Shape.checkIndex x.Shape (List.toArray index)

        float x.Data[List.fold2 (fun sum i stride -> sum + i * stride) 0 index (List.ofArray (Shape.strides x.Shape))]

    /// The elements, row-major. Raises `InvalidOperationException` while traced.
    let toSeq (x: Tensor) : float seq = x.ToArray() |> Seq.map float

    /// A matrix as an array of its rows. Raises `ArgumentException` for another number of axes, `InvalidOperationException` while traced.
    let toArray2D (x: Tensor) : float[,] =
        match x.Shape with
        | [ rows; columns ] -> Array2D.init rows columns (fun row column -> float x.Data[row * columns + column])
        | shape -> Shape.fail $"Tensor.toArray2D: shape {Shape.show shape} is not a matrix."

    // Element by element

    /// e^x.
    let exp x = Functions.exp x
    /// The natural logarithm.
    let log x = Functions.log x
    /// The square root.
    let sqrt x = Functions.sqrt x
    /// 1 / (1 + e^-x).
    let sigmoid x = Functions.sigmoid x
    /// The hyperbolic tangent.
    let tanh x = Functions.tanh x
    /// max(x, 0); its derivative at 0 is 0.
    let relu x = Functions.relu x
    /// x^2.
    let square (x: Tensor) = x * x

    /// Gaussian error linear unit, in its tanh form (Hendrycks and Gimpel, "Gaussian error linear units", 2016):
    /// x (1 + tanh u) / 2 with u = sqrt(2 / pi) (x + 0.044715 x^3), computed as x / (1 + e^-2u).
    let gelu (x: Tensor) =
        // From here on e^-2|u| is 0 in float32, and x^3 has not overflowed.
        let near = Functions.clip 20.0 x
        x * sigmoid (Math.Sqrt(8.0 / Math.PI) * (near * (1.0 + 0.044715 * (near * near))))

    // Moving elements

    /// The same elements in row-major order under another shape of as many.
    let reshape shape (x: Tensor) = Movement.reshape shape x

    /// Axes in a new order: axis `i` of the result is axis `order[i]`.
    let permute order (x: Tensor) = Axes.transpose order x

    /// The last two axes exchanged.
    let transpose (x: Tensor) =
        match x.Shape.Length with
        | rank when rank < 2 -> Shape.fail $"transpose: shape {Shape.show x.Shape} is not a matrix."
        | rank -> Axes.transpose (List.init (rank - 2) id @ [ rank - 1; rank - 2 ]) x

    /// `count` entries from `start` along an axis.
    let slice axis start count (x: Tensor) = Movement.slice axis start count x

    /// Entry number `index` along an axis, which the result has not.
    let select axis index (x: Tensor) =
        let axis = Shape.axis "select" x.Shape axis
        Movement.slice axis index 1 x |> Movement.reshape (List.removeAt axis x.Shape)

    /// Tensors one behind the other along an axis; their other axes are of the same sizes. Raises `ArgumentException` for
    /// none.
    let concatenate axis (parts: Tensor list) = Axes.concatenate axis parts

    /// Tensors of one shape along a new first axis. Raises `ArgumentException` for none.
    let stack (parts: Tensor list) =
        for part in parts do
            if part.Shape <> parts.Head.Shape then
                Shape.fail
                    $"stack: shapes {Shape.show parts.Head.Shape} and {Shape.show part.Shape} differ, expected tensors of one shape."

        parts |> List.map (fun part -> Movement.reshape (1 :: part.Shape) part) |> Axes.concatenate 0

    /// The entries along the first axis, one behind the other: what `stack` makes one of. Raises `ArgumentException` for a scalar.
    let unstack (x: Tensor) : Tensor list =
        match x.Shape with
        | [] -> Shape.fail "unstack: a tensor of shape [] has no first axis."
        | count :: _ -> List.init count (fun i -> x[i])

    // Sums

    let private summedShape axes (shape: Shape) =
        let axes = axes |> List.map (Shape.axis "sum" shape)

        shape |> List.mapi (fun axis n -> if List.contains axis axes then 1 else n),
        shape
        |> List.indexed
        |> List.filter (fun (axis, _) -> not (List.contains axis axes))
        |> List.map snd

    /// The sum over some axes, which the result has not.
    let sumOver (axes: int list) (x: Tensor) =
        let kept, without = summedShape axes x.Shape
        Arithmetic.sumTo kept x |> Movement.reshape without

    /// The sum over some axes, which the result keeps with one entry.
    let sumKeep (axes: int list) (x: Tensor) = Arithmetic.sumTo (fst (summedShape axes x.Shape)) x

    /// The sum of all elements, a scalar.
    let sum (x: Tensor) = sumOver (List.init x.Shape.Length id) x

    /// The mean over some axes, which the result has not.
    let meanOver (axes: int list) (x: Tensor) =
        let kept, without = summedShape axes x.Shape
        Arithmetic.meanTo kept x |> Movement.reshape without

    /// The mean over some axes, which the result keeps with one entry.
    let meanKeep (axes: int list) (x: Tensor) = Arithmetic.meanTo (fst (summedShape axes x.Shape)) x

    /// The mean of all elements, a scalar.
    let mean (x: Tensor) = meanOver (List.init x.Shape.Length id) x

    // Products

    /// Matrix product over the last two axes, [.., m, k] and [.., k, n] to [.., m, n]; leading axes broadcast, up to eight of
    /// them.
    let matmul a b = Einsum.matmul a b

    /// The product of two tensors summed over the axes that the result has not: `einsum "ik,kj->ij" a b` is the matrix product.
    /// Each axis is a letter that two or all of the three have, and at most once each.
    let einsum subscripts a b = Einsum.einsum subscripts a b

    /// The sum of the products of all elements, a scalar; the shapes broadcast.
    let dot (a: Tensor) (b: Tensor) = sum (a * b)

    // Normalisation and losses

    /// Softmax over the last axis.
    let softmax x = Normalisation.softmax x

    /// Log of the softmax over the last axis.
    let logSoftmax x = Normalisation.logSoftmax x

    /// log sum exp over the last axis, which the result has not.
    let logSumExp x = Normalisation.logSumExp x

    /// The last axis shifted to mean 0 and scaled to variance 1, (x - mean) / sqrt(variance + epsilon), without gain and bias
    /// (Ba, Kiros, Hinton, "Layer normalization", 2016).
    let layerNorm (epsilon: float) (x: Tensor) = Normalisation.layerNorm epsilon x

    /// -log softmax(logits)[target] in nats: logits [pos, vocab], targets [pos], result [pos].
    /// Targets are below vocab.
    let crossEntropy logits (Tokens targets) = Normalisation.crossEntropy logits targets

    /// 1 for each row of [pos, vocab] whose target [pos] has the largest logit, the first of equals, else 0: [pos]. Its derivative is 0. Raises
    /// `ArgumentException` for other shapes.
    let isLikeliest logits (Tokens targets) = Normalisation.isLikeliest logits targets

    // Sequences and attention

    /// The rows that the tokens name: table [.., vocab, width] gives [.., pos, width].
    let gather table (Tokens index) = Gathering.gather table index

    /// scale a_i . b_j for keys j <= i, zero elsewhere: [head, pos, d_head] twice gives [head, pos, key_pos].
    let causalDot scale a b = CausalProducts.dot scale a b

    /// Softmax over the keys j <= i of each query, zero elsewhere: [head, pos, key_pos] to the same.
    let causalSoftmax scores = CausalProducts.softmax scores

    /// sum_{j <= i} p_ij v_j: pattern [head, pos, key_pos] and values [head, pos, d_head] give [head, pos, d_head].
    let causalMix pattern values = CausalProducts.mix 1.0 pattern values

    /// s_t k_t + (1 - s_t) k_{t-1}, the first key unchanged: keys [head, pos, d_head] and s [head, pos - 1] give
    /// [head, pos, d_head] (Olsson et al., "In-context learning and induction heads", 2022).
    let smear keys weight = Smearing.smear keys weight
