namespace Interp

/// Plain loops over the elements of row-major arrays of float64. Primitives are defined by them: the kernel and the
/// derivative rule of a primitive are held to its definition, so nothing here is clever. What single precision cannot decide is computed
/// by them, too.
module internal Definitions =

    /// The index of an element by its number.
    let private index (shape: Shape) : int -> int[] =
        let sizes, strides = List.toArray shape, Shape.strides shape
        fun element -> Array.init sizes.Length (fun axis -> element / strides[axis] % sizes[axis])

    /// Where an index points to in an array of this shape: aligned at the right, axes of one entry stretched.
    let private offset (shape: Shape) : int[] -> int =
        let strides =
            Array.map2 (fun size stride -> if size = 1 then 0 else stride) (List.toArray shape) (Shape.strides shape)

        fun index ->
            let skipped = index.Length - strides.Length
            let mutable place = 0

            for axis in 0 .. strides.Length - 1 do
                place <- place + strides[axis] * index[skipped + axis]

            place

    /// The element at an index, broadcast.
    let at (shape: Shape) (x: float[]) : int[] -> float =
        let offset = offset shape
        fun index -> x[offset index]

    /// An element for each index.
    let table (shape: Shape) (f: int[] -> float) = Array.init (Shape.size shape) (index shape >> f)

    /// Zeros of shape `target` plus the term f(index) for each index of shape `source`, at the place that `where` names.
    let gathered (target: Shape) (source: Shape) (where: int[] -> int[]) (f: int[] -> float) =
        let sums = Array.zeroCreate (Shape.size target)
        let index, offset = index source, offset target

        for element in 0 .. Shape.size source - 1 do
            let index = index element
            let place = offset (where index)
            sums[place] <- sums[place] + f index

        sums

    /// The sum of products a b over all indices of some axes, whose sizes are given, that `isTerm`: for each operand and for the result, which
    /// has `size` elements, how far apart its elements are along each axis; 0 where it has not that axis.
    let contraction
        (sizes: int[])
        isTerm
        size
        (strides: int[])
        (a: float[], stridesA: int[])
        (b: float[], stridesB: int[])
        =
        let sums = Array.zeroCreate size
        let index = Array.zeroCreate sizes.Length

        let rec along axis place placeA placeB =
            if axis = sizes.Length then
                if isTerm index then
                    sums[place] <- sums[place] + a[placeA] * b[placeB]
            else
                for i in 0 .. sizes[axis] - 1 do
                    index[axis] <- i

                    along
                        (axis + 1)
                        (place + i * strides[axis])
                        (placeA + i * stridesA[axis])
                        (placeB + i * stridesB[axis])

        along 0 0 0 0
        sums

    let map (f: float -> float) (_: Shape list) (x: float[][]) = Array.map f x[0]

    let map2 (f: float -> float -> float) (shapes: Shape list) (x: float[][]) =
        let a, b = at shapes[0] x[0], at shapes[1] x[1]
        table (Shape.broadcast "map2" shapes[0] shapes[1]) (fun i -> f (a i) (b i))

    /// The elements as they are.
    let same (_: Shape list) (x: float[][]) = Array.copy x[0]

    /// `f` of each row (the last axis), and of the same row of the other inputs of this shape.
    let rows (f: float[][] -> float[]) (shapes: Shape list) (x: float[][]) =
        let width = List.last shapes.Head
        let height = Shape.size shapes.Head / max 1 width

        Array.init height (fun row -> x |> Array.map (fun x -> Array.sub x (row * width) width) |> f)
        |> Array.concat

    // The largest of a row; NaN if there is one.
    let private largest (row: float[]) = Array.fold (fun (most: float) x -> System.Math.Max(most, x)) -infinity row

    /// exp(x - max x), the largest finite or not.
    let private exponentials (row: float[]) = let largest = largest row in row |> Array.map (fun x -> exp (x - largest))

    /// log sum exp(x - max x), as log(1 + the rest), which is not lost beside the 1 that the largest gives.
    /// NaN where the largest is infinite, since the differences from it are not defined.
    let private logOfSum (row: float[]) =
        let powers = exponentials row

        if System.Double.IsFinite(largest row) then
            let rest = Array.sum (Array.removeAt (Array.findIndex (fun power -> power = 1.0) powers) powers)
            let sum = 1.0 + rest
            log sum + (rest - (sum - 1.0)) / sum
        else
            nan

    /// log sum exp x, which is the largest where that is infinite.
    let logSumExp (row: float[]) =
        let largest = largest row
        if System.Double.IsInfinity largest then largest else largest + logOfSum row

    let softmax (row: float[]) =
        let powers = exponentials row
        let total = Array.sum powers
        powers |> Array.map (fun power -> power / total)

    /// x - max x - log sum exp(x - max x)
    let logSoftmax (row: float[]) =
        let largest, log = largest row, logOfSum row
        row |> Array.map (fun x -> x - largest - log)

    /// sqrt(variance + epsilon)
    let deviation (epsilon: float) (row: float[]) =
        let mean = Array.average row
        sqrt ((row |> Array.averageBy (fun x -> (x - mean) * (x - mean))) + epsilon)

    /// (x - mean) / sqrt(variance + epsilon)
    let layerNorm (epsilon: float) (row: float[]) =
        let mean, deviation = Array.average row, deviation epsilon row
        row |> Array.map (fun x -> (x - mean) / deviation)

    /// y (g - sum y g)
    let softmaxGradient (y: float[]) (g: float[]) =
        let mean = Array.fold2 (fun sum y g -> sum + y * g) 0.0 y g
        Array.map2 (fun y g -> y * (g - mean)) y g

    /// `f` of the part of each row of [head, pos, key_pos] that causality leaves, zeros behind it.
    let causalRows (f: float[][] -> float[]) (shapes: Shape list) (x: float[][]) =
        let keys = List.last shapes.Head

        Array.init (x[0].Length / keys) (fun row ->
            let seen = row % keys + 1
            let parts = x |> Array.map (fun x -> Array.sub x (row * keys) seen)
            Array.append (f parts) (Array.zeroCreate (keys - seen)))
        |> Array.concat
