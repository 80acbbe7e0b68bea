namespace Interp

open System

/// Patterns by a script's own rules.
module internal OwnRule =

    /// A rule's pattern [pos, key_pos] of letters.
    let private pattern (own: Named<Tokens -> Tensor>) (letters: float32[]) : float32[] =
        let length = letters.Length
        let pattern = own.Value(Tokens(Value([ length ], letters)))

        if pattern.Shape <> [ length; length ] then
            Refused.because
                $"The rule {own} made a pattern of shape {Shape.show pattern.Shape}, expected {Shape.show [ length; length ]}."

        if not (Array.forall Single.IsFinite pattern.Data) then
            Refused.because $"The rule {own} made a pattern that has a number that is not finite, expected shares."

        pattern.Data

    /// The pattern [1, pos, key_pos] of a sequence. A rule may look at its letters while functions of sequences are traced, too: it is asked when they are known.
    let follow (own: Named<Tokens -> Tensor>) (Tokens index) : Tensor =
        let kernel (inputs: Form[]) (result: Form) =
            Kernel.plain (fun operands output ->
                let lanes, length = result.Lanes, inputs[0].Shape.Head
                let letters = operands[0].Span.ToArray()

                for lane in 0 .. lanes - 1 do
                    let shares = pattern own (Array.init length (fun place -> letters[place * lanes + lane]))

                    for i in 0 .. shares.Length - 1 do
                        output.Buffer[output.Offset + i * lanes + lane] <- shares[i])

        let shape (shapes: Shape list) = [ 1; shapes.Head.Head; shapes.Head.Head ]

        Trace.apply
            (Primitive.plain
                "ownRule"
                shape
                (fun _ x -> x[0] |> Array.map float32 |> pattern own |> Array.map float)
                kernel
                // Letters are numbers, and nothing is differentiated in them.
                (fun inputs _ _ _ -> Arithmetic.none inputs[0]))
            [| index |]
