/// Every primitive of the table is held to its definition: its value, its rule, and its rule's rule.
module Interp.Properties.DifferentiationLaws

open Expecto
open Interp
open Interp.Properties.Laws
open Interp.Properties.Primitives

let private pick numbers (items: 'a list) = numbers |> List.map (fun i -> items[i])

/// The inputs moved by h times a direction in those it can be differentiated in.
let private moved (h: float) (case: PrimitiveCase) (directions: float[] list) (inputs: float[] list) =
    (inputs, List.zip case.Differentiable directions)
    ||> List.fold (fun inputs (i, direction) ->
        List.updateAt i (Array.map2 (fun x d -> x + h * d) inputs[i] direction) inputs)

let private directions use' (case: PrimitiveCase) key =
    pick case.Differentiable case.Inputs |> List.mapi (fun i x -> normal x.Shape (use' + i) key)

/// The case as a scalar function of what it can be differentiated in: its value's projection on `onto`.
let private projection (case: PrimitiveCase) (onto: Tensor) (arguments: Tensor list) =
    let inputs =
        (case.Inputs, List.zip case.Differentiable arguments)
        ||> List.fold (fun inputs (i, x) -> List.updateAt i x inputs)

    Tensor.dot (case.Apply inputs) onto

let private sumOfDots (a: Tensor list) (b: Tensor list) = List.map2 Tensor.dot a b |> List.reduce (+)

let private directional (gradient: Tensor list) (direction: Tensor list) =
    let terms =
        List.map2 (fun g d -> Array.map2 (*) (floats g) (floats d)) gradient direction |> Array.concat

    Array.sum terms, 1.0 + Array.sumBy abs terms

let private value (case: PrimitiveCase) =
    let expected = Primitives.definition case (List.map floats case.Inputs)
    let scale = case.Inputs |> List.map (floats >> largest) |> List.fold max 1.0

    let off =
        largest (Array.map2 (-) (floats (case.Apply case.Inputs)) expected)
        / (scale * max 1.0 (largest expected))

    if not (off <= Tolerances.value) then
        failtest $"the value is off by {off} of the largest, allowed {Tolerances.value}"

let private rule (case: PrimitiveCase) key =
    let inputs = List.map floats case.Inputs
    let define = Primitives.definition case
    let direction = directions 900 case key
    let onto = normal (case.Apply case.Inputs).Shape 910 key
    let f h = dot (define (moved h case (List.map floats direction) inputs)) (floats onto)
    let expected = (f Tolerances.step - f -Tolerances.step) / (2.0 * Tolerances.step)

    let gradient =
        Differentiation.gradOf Structure.list (projection case onto) (pick case.Differentiable case.Inputs)

    let actual, scale = directional gradient direction
    within Tolerances.derivative scale "the derivative" actual expected

let private ruleOfRule (case: PrimitiveCase) key =
    let inputs = List.map floats case.Inputs
    let define = Primitives.definition case
    let first, second = directions 900 case key, directions 905 case key
    let onto = normal (case.Apply case.Inputs).Shape 910 key
    let h = Tolerances.secondStep

    let f s t =
        let there =
            inputs |> moved (s * h) case (List.map floats first) |> moved (t * h) case (List.map floats second)

        dot (define there) (floats onto)

    let expected = (f 1.0 1.0 - f 1.0 -1.0 - f -1.0 1.0 + f -1.0 -1.0) / (4.0 * h * h)

    let slope arguments = sumOfDots (Differentiation.gradOf Structure.list (projection case onto) arguments) first
    let gradient = Differentiation.gradOf Structure.list slope (pick case.Differentiable case.Inputs)
    let actual, scale = directional gradient second
    within Tolerances.secondDerivative scale "the second derivative" actual expected

let private table =
    testList "the table" [
        for sample in Primitives.all do
            testList sample.Name [
                law 60 "the kernel's value is the definition's" (fun key -> value (sample.Case key))
                law 40 "the rule is the definition's derivative" (fun key -> rule (sample.Case key) key)
                law 25 "the rule's rule is the definition's second derivative" (fun key ->
                    ruleOfRule (sample.Case key) key)
            ]

        test "every primitive is called by its name" {
            for sample in Primitives.all do
                Expect.equal (Primitives.name (sample.Case(Key.ofSeed 1UL))) sample.Name "the name in the table"
        }

        law 3 "no primitive is reached by differentiating that is not in the table" (fun key ->
            let known = Primitives.all |> List.map _.Name |> Set.ofList

            for sample in Primitives.all do
                let missing = Primitives.reached (sample.Case key) - known
                Expect.isEmpty missing $"primitives that {sample.Name} reaches and the table lacks")
    ]

/// A function that runs through many primitives, from [rows, width] to [rows].
let private example (x: Tensor) =
    let y = Tensor.gelu (Tensor.layerNorm 1e-3 x)

    Tensor.logSumExp (Tensor.matmul (Tensor.softmax x) (Tensor.transpose y))
    + Tensor.meanOver [ 1 ] (Tensor.tanh x)

let private draw key =
    let x = normal [ integer 1 5 1 key; integer 1 6 2 key ] 3 key
    x, normal (example x).Shape 4 key, normal (example x).Shape 5 key

let private operators =
    testList "the operators" [
        law 50 "jacobianTv is linear in its vector" (fun key ->
            let x, v, w = draw key
            let a, b = 1.5, -0.75
            let combined = Differentiation.jacobianTv example x (a * v + b * w)
            let apart = a * Differentiation.jacobianTv example x v + b * Differentiation.jacobianTv example x w
            close Tolerances.derivative "jacobianTv" (floats combined) (floats apart))

        law 50 "the rows of the Jacobian are jacobianTv of the basis" (fun key ->
            let x, v, _ = draw key
            let jacobian = Differentiation.jacobian example x
            Expect.equal jacobian.Shape (v.Shape @ x.Shape) "the value's axes, then the argument's"

            for row in 0 .. v.Shape.Head - 1 do
                let basis = Tensor.init v.Shape (fun index -> if index.Head = row then 1.0 else 0.0)
                same "a row" (Tensor.select 0 row jacobian) (Differentiation.jacobianTv example x basis))

        law 50 "jacobianv is the Jacobian times its vector, and the adjoint of jacobianTv" (fun key ->
            let x, v, _ = draw key
            let d = normal x.Shape 6 key
            let along = Differentiation.jacobianv example x d

            let rows =
                Tensor.matmul
                    (Tensor.reshape [ v.Shape.Head; Shape.size x.Shape ] (Differentiation.jacobian example x))
                    (Tensor.reshape [ Shape.size x.Shape; 1 ] d)

            close Tolerances.derivative "jacobianv" (floats along) (floats rows)
            let actual, scale = directional [ Differentiation.jacobianTv example x v ] [ d ]
            within Tolerances.derivative scale "the adjoint" (Tensor.toScalar (Tensor.dot v along)) actual
            let slope = Differentiation.gradv (example >> Tensor.sum) x d
            close Tolerances.derivative "gradv" (floats slope) [| Array.sum (floats along) |])

        law 30 "the Hessian is symmetric, the Jacobian of the gradient, and hessianv its product" (fun key ->
            let x, _, _ = draw key
            let d = normal x.Shape 6 key
            let f = example >> Tensor.tanh >> Tensor.sum
            let n = Shape.size x.Shape
            let hessian = Differentiation.hessian f x
            Expect.equal hessian.Shape (x.Shape @ x.Shape) "the argument's axes twice"
            let square = Tensor.reshape [ n; n ] hessian
            close Tolerances.secondDerivative "the transpose" (floats (Tensor.transpose square)) (floats square)
            let product = Tensor.matmul square (Tensor.reshape [ n; 1 ] d)
            close Tolerances.secondDerivative "hessianv" (floats (Differentiation.hessianv f x d)) (floats product)
            let gradient, along = Differentiation.gradhessianvOf Structure.tensor f x d
            close Tolerances.derivative "its gradient" (floats gradient) (floats (Differentiation.grad f x))
            close Tolerances.secondDerivative "its product" (floats along) (floats product))

        law 50 "fgrad, fjacobianTv and fjacobian return the function's value" (fun key ->
            let x, v, _ = draw key
            let y = example x
            same "fgrad" (fst (Differentiation.fgrad (example >> Tensor.sum) x)) (Tensor.sum y)
            same "fjacobianTv" (fst (Differentiation.fjacobianTv example x v)) y
            same "fjacobian" (fst (Differentiation.fjacobian example x)) y)

        law 50 "grad of a sum is jacobianTv of ones" (fun key ->
            let x, v, _ = draw key

            close
                Tolerances.derivative
                "grad"
                (floats (Differentiation.grad (example >> Tensor.sum) x))
                (floats (Differentiation.jacobianTv example x (Tensor.ones v.Shape))))

        law 50 "the derivative in an argument that is not used is zero" (fun key ->
            let x, _, _ = draw key
            same "grad" (Differentiation.grad (fun _ -> Tensor.scalar 2.0) x) (Tensor.zerosLike x))

        test "a value that is not a scalar has no gradient" {
            Expect.throwsT<System.ArgumentException>
                (fun () -> Differentiation.grad id (Tensor.ones [ 2 ]) |> ignore)
                "grad of a vector"
        }

        test "a traced function cannot look at values" {
            Expect.throwsT<System.InvalidOperationException>
                (fun () ->
                    Differentiation.grad (fun x -> Tensor.scalar (Tensor.toScalar x)) (Tensor.scalar 1.0) |> ignore)
                "toScalar of a trace"
        }
    ]

[<Tests>]
let tests = testList "Differentiation" [ table; operators ]
