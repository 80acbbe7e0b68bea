namespace Interp

open System.Collections.Generic

/// Derivatives of functions of tensors, and of records of tensors. A function is traced once with symbols in the place of
/// its arguments; the derivative is another traced function, so derivatives nest.
/// The names are DiffSharp's: `f` also returns the value, `v` multiplies by a vector, `T` transposes.
module Differentiation =

    /// The cotangents of `inputs` for a cotangent of `output`, by reverse accumulation.
    let internal pullback (output: Tensor) (cotangent: Tensor) (inputs: Tensor list) : Tensor list =
        let nodes = Ordering.reachable [ output ]

        // Nodes that depend on an input, and what is known of their cotangents.
        let relevant = HashSet<Node>()
        let cotangents = Dictionary<Node, Tensor>()

        let traced (tensor: Tensor) action =
            match tensor with
            | Node node -> action node
            | Value _ -> ()

        let isRelevant (tensor: Tensor) =
            match tensor with
            | Node node -> relevant.Contains node
            | Value _ -> false

        for input in inputs do
            traced input (relevant.Add >> ignore)

        for node in nodes do
            match node.Source with
            | Applied(_, arguments) when Array.exists isRelevant arguments -> relevant.Add node |> ignore
            | _ -> ()

        traced output (fun node -> cotangents[node] <- cotangent)

        for node in Array.rev nodes do
            match node.Source, cotangents.TryGetValue node with
            | Applied(primitive, arguments), (true, g) when relevant.Contains node ->
                arguments
                |> Array.iteri (fun i argument ->
                    match argument with
                    | Node below when relevant.Contains below ->
                        let share = primitive.Pullback arguments (Node node) g i

                        // One value serves all sequences: its cotangent is the sum of theirs.
                        let share = if share.Batched && not below.Batched then Arithmetic.batchSum share else share

                        cotangents[below] <-
                            match cotangents.TryGetValue below with
                            | true, sum -> sum + share
                            | _ -> share
                    | _ -> ())
            | _ -> ()

        inputs
        |> List.map (fun input ->
            match input with
            | Node node when cotangents.ContainsKey node -> cotangents[node]
            | _ -> Arithmetic.none input)

    /// The values of traced outputs for values of the variables.
    let internal bind (variables: Tensor list) (values: Tensor list) outputs =
        let bindings = Dictionary<Node, Tensor>()

        for variable, value in List.zip variables values do
            match variable with
            | Node node -> bindings[node] <- value
            | Value _ -> ()

        Valuation.rebuild bindings outputs |> Valuation.force

    let private trace (structure: Structure<'record>) (f: 'record -> Tensor) (x: 'record) =
        let values = structure.Leaves x
        let variables = values |> List.map (fun leaf -> Trace.variable leaf.Shape)
        variables, values, f (structure.Rebuild x variables)

    let private one = Value([], [| 1.0f |])
    let private total (x: Tensor) = Arithmetic.sumTo (List.map (fun _ -> 1) x.Shape) x |> Movement.reshape []

    /// Value and gradient of a scalar function of a record. Raises `ArgumentException` if the value is not a scalar.
    let fgradOf (structure: Structure<'record>) (f: 'record -> Tensor) (x: 'record) : Tensor * 'record =
        let variables, values, y = trace structure f x

        if not y.Shape.IsEmpty then
            Shape.fail $"grad: the function's value has shape {Shape.show y.Shape}, expected a scalar."

        match bind variables values (y :: pullback y one variables) with
        | value :: gradient -> value, structure.Rebuild x gradient
        | [] -> Broken.because "grad: no value."

    /// Gradient of a scalar function of a record.
    let gradOf structure f x = fgradOf structure f x |> snd

    /// Value and gradient of a scalar function of a tensor.
    let fgrad (f: Tensor -> Tensor) (x: Tensor) = fgradOf Structure.tensor f x

    /// Gradient of a scalar function of a tensor.
    let grad (f: Tensor -> Tensor) (x: Tensor) = gradOf Structure.tensor f x

    /// Value at x, and the transposed Jacobian at x times v (reverse mode); v has the shape of the value.
    let fjacobianTv (f: Tensor -> Tensor) (x: Tensor) (v: Tensor) : Tensor * Tensor =
        let variables, values, y = trace Structure.tensor f x

        if y.Shape <> v.Shape then
            Shape.fail
                $"jacobianTv: the vector has shape {Shape.show v.Shape}, the function's value {Shape.show y.Shape}."

        match bind variables values (y :: pullback y v variables) with
        | [ value; product ] -> value, product
        | _ -> Broken.because "jacobianTv: no value."

    /// The transposed Jacobian at x times v.
    let jacobianTv f x v = fjacobianTv f x v |> snd

    /// Value at x, and the Jacobian: the value's axes, then the argument's.
    let fjacobian (f: Tensor -> Tensor) (x: Tensor) : Tensor * Tensor =
        let variables, values, y = trace Structure.tensor f x
        let rows = Shape.size y.Shape

        let basis row = Value(y.Shape, Array.init rows (fun i -> if i = row then 1.0f else 0.0f))

        let products = List.init rows (fun row -> pullback y (basis row) variables |> List.head)

        match bind variables values (y :: products) with
        | value :: products ->
            let row (product: Tensor) = Movement.reshape (1 :: x.Shape) product

            value,
            (match products with
             | [] -> Value(y.Shape @ x.Shape, [||])
             | products -> Axes.concatenate 0 (List.map row products) |> Movement.reshape (y.Shape @ x.Shape))
        | [] -> Broken.because "jacobian: no value."

    /// The Jacobian at x: the value's axes, then the argument's.
    let jacobian f x = fjacobian f x |> snd

    // The transposed Jacobian's product with u is linear in u, so transposing it once more multiplies by the Jacobian itself.
    let private forward (y: Tensor) variables (directions: Tensor list) =
        let u = Trace.variable y.Shape
        let products = pullback y u variables

        let paired =
            List.map2 (fun product direction -> product * direction) products directions
            |> List.map total
            |> List.reduce (fun (a: Tensor) b -> a + b)

        pullback paired one [ u ] |> List.head

    /// Value at x, and the Jacobian at x times v, the derivative in the direction v; v has the shape of x.
    let fjacobianv (f: Tensor -> Tensor) (x: Tensor) (v: Tensor) : Tensor * Tensor =
        if v.Shape <> x.Shape then
            Shape.fail $"jacobianv: the direction has shape {Shape.show v.Shape}, the argument {Shape.show x.Shape}."

        let variables, values, y = trace Structure.tensor f x

        match bind variables values [ y; forward y variables [ v ] ] with
        | [ value; product ] -> value, product
        | _ -> Broken.because "jacobianv: no value."

    /// The Jacobian at x times v.
    let jacobianv f x v = fjacobianv f x v |> snd

    /// The derivative of a scalar function in the direction v.
    let gradv (f: Tensor -> Tensor) x v = jacobianv f x v

    /// Gradient of a scalar function of a record, and its Hessian times a direction of the record's shape.
    let gradhessianvOf
        (structure: Structure<'record>)
        (f: 'record -> Tensor)
        (x: 'record)
        (v: 'record)
        : 'record * 'record =
        let variables, values, y = trace structure f x

        if not y.Shape.IsEmpty then
            Shape.fail $"hessianv: the function's value has shape {Shape.show y.Shape}, expected a scalar."

        let gradient = pullback y one variables

        let along =
            List.map2 (fun (g: Tensor) direction -> total (g * direction)) gradient (structure.Leaves v)
            |> List.reduce (fun (a: Tensor) b -> a + b)

        let results = bind variables values (gradient @ pullback along one variables)
        let gradient, products = List.splitAt values.Length results
        structure.Rebuild x gradient, structure.Rebuild x products

    /// The Hessian of a scalar function of a record times a direction.
    let hessianvOf structure f x v = gradhessianvOf structure f x v |> snd

    /// The Hessian of a scalar function of a tensor times v.
    let hessianv (f: Tensor -> Tensor) x v = hessianvOf Structure.tensor f x v

    /// The Hessian of a scalar function of a tensor: the argument's axes twice.
    let hessian (f: Tensor -> Tensor) (x: Tensor) = jacobian (grad f) x
