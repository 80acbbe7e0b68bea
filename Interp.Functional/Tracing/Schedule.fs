namespace Interp

open System
open System.Collections.Generic

/// When a value is computed: once before the batch, for each shard of sixteen sequences, as a sum over them,
/// or once after the batch.
type internal Phase =
    | Before
    | Shard
    | Sum
    | After

/// One kernel call. `Onto` is what the result is added to.
[<NoEquality; NoComparison>]
type internal Step = { Node: Node; Phase: Phase; Kernel: Kernel; Inputs: Tensor[]; Onto: Tensor option }

/// The order in which a traced computation is carried out.
module internal Schedule =

    let lanes = 16

    /// All nodes below the outputs, inputs first.
    let reachable (outputs: Tensor list) =
        let seen = Dictionary<int64, Node>()
        let pending = Stack<Tensor>(outputs)

        while pending.Count > 0 do
            match pending.Pop() with
            | Node node when seen.TryAdd(node.Id, node) ->
                match node.Source with
                | Applied(_, inputs) -> inputs |> Array.iter pending.Push
                | Prepared(_, input) -> pending.Push input
                | Weight sequences -> pending.Push sequences
                | Variable
                | Sequences _ -> ()
            | _ -> ()

        seen.Values |> Seq.sortBy _.Id |> Seq.toArray

    let private inputsOf node =
        match node.Source with
        | Applied(_, inputs) -> inputs
        | _ -> [||]

    let private phases (nodes: Node[]) =
        let phases = Dictionary<int64, Phase>()

        let phaseOf tensor =
            match tensor with
            | Node node -> phases[node.Id]
            | Value _ -> Before

        for node in nodes do
            let inputs = inputsOf node |> Array.map phaseOf
            let afterSum = inputs |> Array.exists (fun phase -> phase = Sum || phase = After)

            phases[node.Id] <-
                match node.Source with
                | Applied(primitive, _) when primitive.SumsBatch && Array.contains Shard inputs -> Sum
                | _ when node.Batched ->
                    if afterSum then
                        raise (
                            NotSupportedException
                                "A value of each sequence depends on a mean over the batch; compute the mean first."
                        )

                    Shard
                | _ when afterSum -> After
                | _ -> Before

        phases

    let form (tensor: Tensor) : Form = { Shape = tensor.Shape; Lanes = if tensor.Batched then lanes else 1 }

    /// The steps with a step before each one that wants an operand prepared, unless an earlier one wanted the same.
    let private prepare (phases: Dictionary<int64, Phase>) (steps: Step[]) =
        let made = Dictionary<struct (int64 * string), Tensor>()

        let preparing (step: Step) (preparation: Preparation) = [|
            let input = step.Inputs[preparation.Input]

            let id, phase =
                match input with
                | Node node -> node.Id, phases[node.Id]
                | Value _ -> -step.Node.Id, Before

            let key = struct (id, preparation.Name)

            if not (made.ContainsKey key) then
                let size = (preparation.Floats + lanes - 1) / lanes
                let shape = if input.Batched then [ size ] else [ size * lanes ]
                let prepared = Trace.node (Prepared(preparation, input)) shape input.Batched false
                made[key] <- prepared

                match prepared with
                | Node node -> {
                    Node = node
                    Phase = (if phase = Sum then After else phase)
                    Kernel = Trace.plain (fun operands output -> preparation.Prepare operands[0] output)
                    Inputs = [| input |]
                    Onto = None
                  }
                | Value _ -> ()

            { step with Inputs = Array.updateAt preparation.Input made[key] step.Inputs }
        |]

        steps
        |> Array.collect (fun step ->
            match step.Kernel.Preparation with
            | Some preparation -> preparing step preparation
            | None -> [| step |])

    /// The steps for some outputs. A sum with a product that nothing else uses becomes one step that adds to its result.
    let steps (outputs: Tensor list) =
        let nodes = reachable outputs
        let phases = phases nodes
        let uses = Dictionary<int64, int>()

        let used tensor =
            match tensor with
            | Node node -> uses[node.Id] <- uses.GetValueOrDefault node.Id + 1
            | Value _ -> ()

        nodes |> Array.iter (inputsOf >> Array.iter used)
        outputs |> List.iter used

        let kernels = Dictionary<int64, Kernel>()

        for node in nodes do
            match node.Source with
            | Applied(primitive, inputs) ->
                kernels[node.Id] <- primitive.Kernel (Array.map form inputs) (form (Node node))
            | _ -> ()

        // The product of a sum a + b that can be added to the other summand in place.
        let product node =
            match node.Source with
            | Applied({ Name = "add" }, [| a; b |]) when node.Batched && form a = form b ->
                [ a, b; b, a ]
                |> List.tryPick (fun (summand, other) ->
                    match summand with
                    | Node inner when
                        uses[inner.Id] = 1 && kernels.ContainsKey inner.Id && kernels[inner.Id].Accumulate.IsSome
                        ->
                        Some(inner, other)
                    | _ -> None)
            | _ -> None

        let products =
            nodes |> Array.choose (fun node -> product node |> Option.map (fun found -> node.Id, found))

        let fused = Dictionary(products |> Array.map KeyValuePair)
        let absorbed = products |> Array.map (fun (_, (inner, _)) -> inner.Id) |> HashSet

        let computed = [|
            for node in nodes do
                match node.Source with
                | Applied(_, inputs) when not (absorbed.Contains node.Id) ->
                    match fused.TryGetValue node.Id with
                    | true, (inner, other) -> {
                        Node = node
                        Phase = phases[node.Id]
                        Kernel = kernels[inner.Id]
                        Inputs = inputsOf inner
                        Onto = Some other
                      }
                    | _ -> {
                        Node = node
                        Phase = phases[node.Id]
                        Kernel = kernels[node.Id]
                        Inputs = inputs
                        Onto = None
                      }
                | _ -> ()
        |]

        prepare phases computed
