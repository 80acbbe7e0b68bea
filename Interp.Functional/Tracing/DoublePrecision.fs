namespace Interp

open System.Collections.Generic

/// Traced computations carried out in float64, by the definitions of their primitives: for the few sequences that single precision cannot
/// decide.
module internal DoublePrecision =

    /// Values as if they were not known yet: whatever is made of them is traced, so that nothing of it is rounded before it is carried out.
    let unrounded (x: Tensor) : Tensor =
        match x with
        | Value(shape, _) -> Trace.node (Applied(Trace.spreadPrimitive (), [| x |])) shape false false
        | Node _ -> x

    /// What outputs are for a sequence, given by its tokens' numbers: of all sequences alike, what does not depend on them is computed once.
    /// May be called from several threads.
    let compile (outputs: Tensor list) : float[] -> float[] list =
        let nodes = Ordering.reachable outputs
        let places = Dictionary(nodes |> Array.mapi (fun place node -> KeyValuePair(node, place)))

        let ofInput tensor : Choice<float[], int> =
            match tensor with
            | Value(_, data) -> Choice1Of2(Array.map float data)
            | Node node -> Choice2Of2 places[node]

        let steps =
            nodes
            |> Array.map (fun node ->
                match node.Source with
                | Sequences _ -> None
                | Applied(primitive, inputs) when
                    node.Batched || inputs |> Array.forall (fun input -> not input.Batched)
                    ->
                    Some(primitive, inputs |> Array.map _.Shape |> Array.toList, Array.map ofInput inputs)
                | _ -> Broken.because "A computation of one sequence depends on more than that.")

        let carryOut (values: float[][]) place =
            match steps[place] with
            | None -> ()
            | Some(primitive, shapes, inputs) ->
                let value input =
                    match input with
                    | Choice1Of2 constant -> constant
                    | Choice2Of2 place -> values[place]

                values[place] <- primitive.Definition shapes (Array.map value inputs)

        let shared, own = [| 0 .. nodes.Length - 1 |] |> Array.partition (fun place -> not nodes[place].Batched)

        let once =
            lazy
                (let values = Array.zeroCreate nodes.Length
                 Array.iter (carryOut values) shared
                 values)

        fun sequence ->
            let values = Array.copy once.Value

            for place in own do
                match nodes[place].Source with
                | Sequences _ -> values[place] <- sequence
                | _ -> carryOut values place

            outputs
            |> List.map (fun output ->
                match ofInput output with
                | Choice1Of2 constant -> constant
                | Choice2Of2 place -> values[place])
