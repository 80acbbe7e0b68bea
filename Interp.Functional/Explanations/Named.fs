namespace Interp

/// An explanation with a name.
[<StructuredFormatDisplay("{Display}")>]
type NamedExplanation = {
    /// What it is called.
    Name: string
    /// What it says.
    Explanation: Explanation
} with

    member internal this.Display = Display.line $"{this.Name}: {this.Explanation}"


/// Explanations that many models have: those of the study's author, and single forms of each part.
module Named =

    let private every = Heads.Every
    let private all layer = Heads.OfLayer layer

    let private two = TableForm.TwoNumbers

    let private scored without averaged shared = AttentionForm.Scored(Set without, Replacement.Mean, averaged, shared)

    let private positions = AttentionForm.Averaged

    let private attention heads form = Clause.Attention(heads, form, None)
    let private qk heads query key form = Clause.QK(heads, query, key, form, None)

    let private clauses name clauses = { Name = name; Explanation = { Clauses = clauses } }

    /// How far back the letter stands that followed the current one in the block before; none where sequences repeat no block.
    let internal blockBack (task: Task) =
        Tasks.repetition task
        |> Option.filter (fun r -> r.BlockLength > 1)
        |> Option.map (fun r -> r.BlockLength - 1)

    /// Heads whose OV circuit copies: those with an eigenvalue score above one half.
    let internal copying (model: Model<Tensor>) : HeadAddress list =
        Model.heads model
        |> List.filter (fun head -> (Factored.spectrum (Circuits.ov head model)).Score > 0.5)

    /// Smeared keys as the author tells them: copying heads look where the letter behind the current one stood, by a rule, the others by place.
    let private smeared name (model: Model<Tensor>) rule =
        let copying = copying model

        clauses name [
            Clause.Direct two
            Clause.OV([ all 0 ], two)

            for head in Model.heads model do
                attention (Heads.One head) (if List.contains head copying then AttentionForm.Rule rule else positions)
        ]

    /// Smeared keys as padlocks: every table between letters as two numbers, one for the letter's own key and one for all others; places the same for all
    /// letters.
    let padlocks: NamedExplanation =
        clauses "padlocks and keys" [
            Clause.Direct two
            Clause.OV([ all 0 ], two)
            qk (all 0) ScoreSource.Embed ScoreSource.Embed two
            qk (all 0) ScoreSource.Embed ScoreSource.Pos TableForm.OverLetters
            qk (all 0) ScoreSource.Pos ScoreSource.Embed TableForm.OverLetters
        ]

    /// All paths of a model by each letter's own strength alone.
    let ownStrengths (a: Architecture) : NamedExplanation =
        clauses "letters' own strengths alone" [
            Clause.Direct TableForm.Diagonal

            for length in 1 .. a.NLayers do
                Clause.OV(List.replicate length every, TableForm.Diagonal)
        ]

    /// Whether the author said something of models of a kind.
    let internal hasAuthor (repetition: Repetition option) (a: Architecture) : bool =
        match a.NLayers, a.Smear with
        | 1, Smear.Keys -> Parts.havePositions a && repetition |> Option.exists (fun r -> r.BlockLength > 1)
        | 1, Smear.Neither
        | 2, Smear.Neither -> true
        | _ -> false

    /// What the study's author says of a model of this kind, as explanations; none of kinds that the study has not.
    let ofAuthor (task: Task) (a: Architecture) (model: Model<Tensor>) : NamedExplanation list =
        match a.NLayers, a.Smear, blockBack task with
        | 1, Smear.Neither, _ -> [
            clauses "the author's: copying the last letters" [
                Clause.Direct two
                Clause.OV([ all 0 ], two)
                attention (all 0) (scored [] true true)
            ]
          ]
        | 1, Smear.Keys, Some back when Parts.havePositions a -> [
            smeared "the author's: five back" model (AttentionRule.Back back)
            smeared "the same, after the last match" model AttentionRule.AfterLastMatch
            { padlocks with Name = "the author's picture: padlocks and keys" }
          ]
        | 2, Smear.Neither, _ -> [
            clauses "the author's: a weak induction from the first match" [
                Clause.Direct two
                Clause.OV([ every ], two)
                Clause.OV([ all 0; all 1 ], two)
                attention (all 0) positions
                attention (all 1) (AttentionForm.Rule AttentionRule.AfterFirstMatch)
            ]
          ]
        | _ -> []

    /// Single forms of each part of a model, and of all tables at once.
    let forms (task: Task) (a: Architecture) : NamedExplanation list =
        let layers = [ 0 .. a.NLayers - 1 ]

        let paths length = List.replicate length every

        let tables form = [
            Clause.Direct form

            for length in 1 .. a.NLayers do
                Clause.OV(paths length, form)
        ]

        [
            [ Clause.Direct two ]
            [ Clause.Direct TableForm.Nothing ]

            for layer in layers do
                for form in [ two; TableForm.Diagonal; TableForm.Nothing ] do
                    [ Clause.OV([ all layer ], form) ]

            for length in 2 .. a.NLayers do
                for form in [ two; TableForm.Diagonal; TableForm.Nothing ] do
                    [ Clause.OV(paths length, form) ]

            if a.NLayers > 0 then
                tables two
                tables TableForm.Diagonal

            for layer in layers do
                for inputs in
                    [
                        [ ScoreInput.QueryLetter ]
                        [ ScoreInput.KeyLetter ]
                        if Parts.havePositions a then
                            [ ScoreInput.QueryPosition ]
                            [ ScoreInput.KeyPosition ]
                            [ ScoreInput.QueryPosition; ScoreInput.KeyPosition ]
                            [ ScoreInput.QueryLetter; ScoreInput.QueryPosition; ScoreInput.KeyPosition ]
                    ] do
                    [ attention (all layer) (scored inputs false false) ]

                [ attention (all layer) positions ]

                if a.NHeads > 1 then
                    [ attention (all layer) (scored [] false true) ]
                    [ attention (all layer) (scored [] true true) ]

                for rule in
                    [
                        AttentionRule.AfterLastMatch
                        AttentionRule.AfterFirstMatch
                        yield! blockBack task |> Option.map AttentionRule.Back |> Option.toList
                    ] do
                    [ attention (all layer) (AttentionForm.Rule rule) ]

                if Parts.areSums a then
                    for form in [ two; TableForm.Diagonal; TableForm.Nothing; TableForm.Rank 2 ] do
                        [ qk (all layer) ScoreSource.Letters ScoreSource.Letters form ]

                    if Parts.havePositions a then
                        [ qk (all layer) ScoreSource.Letters ScoreSource.Pos TableForm.OverLetters ]
                        [ qk (all layer) ScoreSource.Pos ScoreSource.Letters TableForm.OverPositions ]
                        [ qk (all layer) ScoreSource.Pos ScoreSource.Letters TableForm.OverLetters ]

            for later in layers do
                for earlier in 0 .. later - 1 do
                    [ Clause.Attention(all earlier, positions, Some(all later)) ]

                    for input in [ KeyInput; QueryInput ] do
                        [ Clause.Cut(CutSource.Heads(all earlier), all later, input) ]
        ]
        |> List.map (fun form ->
            let explanation = { Clauses = form } in { Name = string explanation; Explanation = explanation })
