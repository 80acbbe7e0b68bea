namespace Interp

open System

/// Making, reading and combining tensors. Every function is pure, and differentiable where its value is a tensor;
/// shapes that do not fit raise `ArgumentException` naming them.
[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Tensor =

    /// A tensor of the given shape from its elements, row-major.
    let ofArray (shape: Shape) (elements: float32[]) =
        if List.exists (fun n -> n < 0) shape || Shape.size shape <> elements.Length then
            Shape.fail
                $"Tensor.ofArray: shape {Shape.show shape} wants {Shape.size shape} elements, found {elements.Length}."

        Value(shape, Array.copy elements)

    /// A vector.
    let vector (elements: float seq) =
        let elements = elements |> Seq.map float32 |> Seq.toArray
        Value([ elements.Length ], elements)

    /// A matrix from its rows.
    let matrix (rows: float list list) =
        match rows |> List.map List.length |> List.distinct with
        | [ width ] -> Value([ rows.Length; width ], rows |> List.concat |> List.map float32 |> List.toArray)
        | _ -> Shape.fail "Tensor.matrix: rows are of different lengths."

    let scalar (x: float) = Value([], [| float32 x |])
    let full (shape: Shape) (x: float) = ofArray shape (Array.create (Shape.size shape) (float32 x))
    let zeros shape = full shape 0.0
    let ones shape = full shape 1.0
    let zerosLike (x: Tensor) = zeros x.Shape

    /// An element for each index list.
    let init (shape: Shape) (f: int list -> float) =
        let strides = Shape.strides shape |> Array.toList
        let index e = List.map2 (fun stride n -> e / stride % n) strides shape
        ofArray shape (Array.init (Shape.size shape) (index >> f >> float32))

    /// The identity matrix.
    let eye n = init [ n; n ] (fun index -> if index[0] = index[1] then 1.0 else 0.0)

    /// Uniform in [low, high).
    let uniform (low: float) (high: float) (shape: Shape) key =
        Key.uniform (Shape.size shape) key
        |> Array.map (fun u -> float32 (low + (high - low) * float u))
        |> ofArray shape

    /// Standard normal.
    let normal (shape: Shape) key = ofArray shape (Key.normal (Shape.size shape) key)

    /// The one element. Raises `ArgumentException` for more, `InvalidOperationException` while traced.
    let toScalar (x: Tensor) =
        if Shape.size x.Shape <> 1 then
            Shape.fail $"Tensor.toScalar: shape {Shape.show x.Shape} has {Shape.size x.Shape} elements."

        float x.Data[0]

    /// The element at an index.
    let item (index: int list) (x: Tensor) =
        if index.Length <> x.Shape.Length || List.exists2 (fun i n -> i < 0 || i >= n) index x.Shape then
            Shape.fail $"Tensor.item: index {Shape.show index} is outside of shape {Shape.show x.Shape}."

        float x.Data[List.fold2 (fun sum i stride -> sum + i * stride) 0 index (List.ofArray (Shape.strides x.Shape))]

    // Element by element

    let exp x = Functions.exp x
    let log x = Functions.log x
    let sqrt x = Functions.sqrt x
    let sigmoid x = Functions.sigmoid x
    let tanh x = Functions.tanh x
    let relu x = Functions.relu x
    let square (x: Tensor) = x * x

    /// Gaussian error linear unit, in its tanh form (Hendrycks and Gimpel, 2016).
    let gelu (x: Tensor) = 0.5 * x * (1.0 + tanh (Math.Sqrt(2.0 / Math.PI) * (x + 0.044715 * (x * x * x))))

    // Moving elements

    let reshape shape (x: Tensor) = Movement.reshape shape x
    /// Axes in a new order: axis `i` of the result is axis `order[i]`.
    let permute order (x: Tensor) = Movement.transpose order x

    /// The last two axes exchanged.
    let transpose (x: Tensor) =
        match x.Shape.Length with
        | rank when rank < 2 -> Shape.fail $"transpose: shape {Shape.show x.Shape} is not a matrix."
        | rank -> Movement.transpose (List.init (rank - 2) id @ [ rank - 1; rank - 2 ]) x

    /// `count` entries from `start` along an axis.
    let slice axis start count (x: Tensor) = Movement.slice axis start count x

    /// One entry along an axis, which the result has not.
    let select axis index (x: Tensor) =
        let axis = Shape.axis "select" x.Shape axis
        Movement.slice axis index 1 x |> Movement.reshape (List.removeAt axis x.Shape)

    /// Tensors one behind the other along an axis.
    let concatenate axis (parts: Tensor list) = Movement.concatenate axis parts

    /// Tensors of one shape along a new first axis.
    let stack (parts: Tensor list) =
        parts |> List.map (fun part -> Movement.reshape (1 :: part.Shape) part) |> Movement.concatenate 0

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

    /// The sum of all elements.
    let sum (x: Tensor) = sumOver (List.init x.Shape.Length id) x

    let private share (x: Tensor) (sum: Tensor) =
        sum / (float (Shape.size x.Shape) / float (max 1 (Shape.size sum.Shape)))

    let meanOver axes x = sumOver axes x |> share x
    let meanKeep axes x = sumKeep axes x |> share x
    let mean (x: Tensor) = sum x |> share x

    // Products

    /// Matrix product over the last two axes; leading axes broadcast.
    let matmul a b = Einsum.matmul a b

    /// The product of two tensors summed over the axes that the result has not: `einsum "ik,kj->ij" a b`.
    let einsum subscripts a b = Einsum.einsum subscripts a b

    let dot (a: Tensor) (b: Tensor) = sum (a * b)

    // Normalisation and losses

    /// Softmax over the last axis.
    let softmax x = Normalisation.softmax x
    /// Log of the softmax over the last axis.
    let logSoftmax x = Normalisation.logSoftmax x
    /// log sum exp over the last axis, which the result has not.
    let logSumExp x = Normalisation.logSumExp x

    /// The last axis shifted to mean 0 and scaled to variance 1 (Ba, Kiros, Hinton, 2016), without gain and bias.
    let layerNorm (epsilon: float) (x: Tensor) =
        let centred = x - meanKeep [ -1 ] x
        centred / sqrt (meanKeep [ -1 ] (centred * centred) + epsilon)

    /// -log softmax(logits)[target] in nats: logits [pos, vocab], targets [pos], result [pos].
    let crossEntropy logits (Tokens targets) = Normalisation.crossEntropy logits targets

    // Sequences and attention

    /// The rows that the tokens name: table [.., vocab, width] gives [.., pos, width].
    let gather table (Tokens index) = Gathering.gather table index

    /// scale a_i . b_j for keys j <= i, zero elsewhere: [head, pos, d_head] twice gives [head, pos, key_pos].
    let causalDot scale a b = CausalProducts.dot scale a b
    /// Softmax over the keys j <= i of each query, zero elsewhere: [head, pos, key_pos].
    let causalSoftmax scores = CausalProducts.softmax scores
    /// sum_{j <= i} p_ij v_j: pattern [head, pos, key_pos] and values [head, pos, d_head] give [head, pos, d_head].
    let causalMix pattern values = CausalProducts.mix 1.0 pattern values

    /// softmax(q k^T / sqrt(d_head)) v over the keys j <= i: three times [head, pos, d_head].
    let causalAttention (query: Tensor) key value =
        let scale = 1.0 / Math.Sqrt(float (List.last query.Shape))
        causalMix (causalSoftmax (causalDot scale query key)) value

    /// s_t k_t + (1 - s_t) k_{t-1}, the first key unchanged: keys [head, pos, d_head], s [head, pos-1].
    let smear keys weight = Smearing.smear keys weight

/// Sequences of letters as values.
[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Tokens =

    /// Raises `ArgumentException` for a negative number.
    let ofArray (tokens: int[]) =
        match tokens |> Array.tryFind (fun token -> token < 0) with
        | Some token -> Shape.fail $"Tokens.ofArray: {token} is not a letter's number."
        | None -> Tokens(Value([ tokens.Length ], Array.map float32 tokens))

    let toArray (tokens: Tokens) = tokens.ToArray()

    /// `count` letters from position `start` on.
    let slice start count (Tokens index) = Tokens(Movement.slice 0 start count index)

    let append (a: Tokens) (b: Tokens) = ofArray (Array.append (toArray a) (toArray b))

/// Letters' names: A to Z, a to z, 0 to 9, then letters of other alphabets, one character each for up to 256 letters.
module Letters =

    let private names =
        let range (first: char) (last: char) = [| first..last |]
        Array.concat [ range 'A' 'Z'; range 'a' 'z'; range '0' '9'; Array.init 194 (fun i -> char (0x100 + i)) ]

    /// Letters that have names.
    let count = names.Length

    /// The name of a letter's number.
    let name (letter: int) =
        if letter < 0 || letter >= names.Length then
            Shape.fail $"Letters.name: {letter} is outside of 0 to {names.Length - 1}."

        string names[letter]

    let toText (tokens: Tokens) = tokens.ToArray() |> Array.map name |> String.concat ""

    /// The letters of a text; the error names the first one that the vocabulary has not, and its place counted from 1.
    let ofText (vocabulary: int) (text: string) : Result<Tokens, string> =
        let numbers = text |> Seq.map (fun letter -> Array.IndexOf(names, letter)) |> Seq.toArray

        match numbers |> Array.tryFindIndex (fun n -> n < 0 || n >= vocabulary) with
        | Some i ->
            Error
                $"\"{Quote.text text}\" has '{Quote.text (string text[i])}' at place {i + 1}; the letters are {name 0} to {name (vocabulary - 1)}."
        | None when numbers.Length = 0 -> Error "The text is empty; at least one letter is expected."
        | None -> Ok(Tokens.ofArray numbers)
