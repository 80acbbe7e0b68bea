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
module internal Ordering =

    let lanes = 16

    let private inputsOf node =
        match node.Source with
        | Applied(_, inputs) -> inputs
        | Prepared(_, input)
        | Occupied input -> [| input |]
        | Variable
        | Sequences _ -> [||]

    /// All nodes below the outputs, inputs first.
    let reachable (outputs: Tensor list) =
        let seen = HashSet<Node>()
        let pending = Stack<Tensor>(outputs)

        while pending.Count > 0 do
            match pending.Pop() with
            | Node node when seen.Add node -> inputsOf node |> Array.iter pending.Push
            | _ -> ()

        seen |> Seq.sortBy _.Number |> Seq.toArray

    let private phaseIn (phases: Dictionary<Node, Phase>) tensor =
        match tensor with
        | Node node -> phases[node]
        | Value _ -> Before

    let private phases (nodes: Node[]) =
        let phases = Dictionary<Node, Phase>()

        for node in nodes do
            let inputs = inputsOf node |> Array.map (phaseIn phases)
            let afterSum = inputs |> Array.exists (fun phase -> phase = Sum || phase = After)

            phases[node] <-
                match node.Source with
                | Applied({ Role = BatchSum }, _) when Array.contains Shard inputs -> Sum
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

    /// The steps with a step before each one that wants an input prepared, unless an earlier one wanted the same of it.
    let private prepare phases (steps: Step[]) =
        let made = Dictionary<struct (Tensor * Preparation), Tensor>()

        let preparing (step: Step) number preparation = [|
            let input = step.Inputs[number]
            let key = struct (input, preparation)

            if not (made.ContainsKey key) then
                let struct (floats, prepare) = Preparation.compile preparation
                let size = (floats + lanes - 1) / lanes
                let shape = if input.Batched then [ size ] else [ size * lanes ]
                let prepared = Trace.node (Prepared(preparation, input)) shape input.Batched false
                made[key] <- prepared
                let phase = phaseIn phases input

                {
                    Node = prepared.Traced.Value
                    Phase = if phase = Sum then After else phase
                    Kernel = Kernel.plain (fun operands output -> prepare operands[0] output)
                    Inputs = [| input |]
                    Onto = None
                }

            { step with Inputs = Array.updateAt number made[key] step.Inputs }
        |]

        steps
        |> Array.collect (fun step ->
            match step.Kernel.Preparation with
            | Some(number, preparation) -> preparing step number preparation
            | None -> [| step |])

    /// The steps for some outputs. A sum with a product that nothing else uses becomes one step that adds to its result.
    let steps (outputs: Tensor list) =
        let nodes = reachable outputs
        let phases = phases nodes
        let uses = Dictionary<Node, int>()

        let used tensor =
            match tensor with
            | Node node -> uses[node] <- uses.GetValueOrDefault node + 1
            | Value _ -> ()

        nodes |> Array.iter (inputsOf >> Array.iter used)
        outputs |> List.iter used

        let kernels = Dictionary<Node, Kernel>()

        for node in nodes do
            match node.Source with
            | Applied(primitive, inputs) -> kernels[node] <- primitive.Kernel (Array.map form inputs) (form (Node node))
            | _ -> ()

        // The product of a sum a + b that can be added to the other summand in place.
        let product node =
            match node.Source with
            | Applied({ Role = Addition }, [| a; b |]) when node.Batched && form a = form b ->
                [ a, b; b, a ]
                |> List.tryPick (fun (summand, other) ->
                    match summand with
                    | Node inner when uses[inner] = 1 && kernels.ContainsKey inner && kernels[inner].Accumulate.IsSome ->
                        Some(inner, other)
                    | _ -> None)
            | _ -> None

        let products = nodes |> Array.choose (fun node -> product node |> Option.map (fun found -> node, found))

        let fused = Dictionary(products |> Array.map KeyValuePair)
        let absorbed = products |> Array.map (fun (_, (inner, _)) -> inner) |> HashSet

        let computed = [|
            for node in nodes do
                match node.Source with
                | Applied(_, inputs) when not (absorbed.Contains node) ->
                    match fused.TryGetValue node with
                    | true, (inner, other) -> {
                        Node = node
                        Phase = phases[node]
                        Kernel = kernels[inner]
                        Inputs = inputsOf inner
                        Onto = Some other
                      }
                    | _ -> { Node = node; Phase = phases[node]; Kernel = kernels[node]; Inputs = inputs; Onto = None }
                | _ -> ()
        |]

        prepare phases computed
