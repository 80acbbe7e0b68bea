namespace Interp

open System.Collections.Generic

/// From the exact model downwards: at each step the part, or the wildcard of parts, whose simpler form costs the least of what is explained for
/// each number that it saves.
module Ladder =

    /// Sequences that moves are tried on; what comes of them is judged on others.
    let searched = 500

    /// Heads that a clause may name: each one, each layer's, all.
    let private groups (a: Architecture) : Heads list = [
        for number in 0 .. a.NLayers - 1 do
            for head in 0 .. a.NHeads - 1 do
                Heads.One { Layer = number; Head = head }

            Heads.OfLayer number

        if a.NLayers > 1 then
            Heads.Every
    ]

    let private isOne (heads: Heads) = heads.Layers <> Which.Every && heads.Numbers <> Which.Every

    /// Wildcards and heads of a layer.
    let private ofLayer (a: Architecture) number =
        List.init a.NHeads (fun head -> Heads.One { Layer = number; Head = head })
        @ [ Heads.OfLayer number ]

    /// Paths through two heads or more: single ones, and by wildcards.
    let private longer (a: Architecture) : Heads list list =
        let rec from first = [
            for number in first .. a.NLayers - 1 do
                for heads in ofLayer a number do
                    [ heads ]

                    for rest in from (number + 1) do
                        heads :: rest
        ]

        from 0
        |> List.filter (fun path -> path.Length > 1)
        // One wildcard or none, or nothing but wildcards: whatever lies between is put together of these.
        |> List.filter (fun path ->
            let wild = path |> List.filter (isOne >> not)
            wild.Length <= 1 || wild.Length = path.Length)

    let private rank table rank = rank |> List.map TableForm.Rank |> List.append table

    let private directForms =
        rank [] [ 16; 8; 4; 2; 1 ] @ [ TableForm.Diagonal; TableForm.TwoNumbers; TableForm.Nothing ]

    let private pathForms =
        rank [] [ 4; 2; 1 ] @ [ TableForm.Diagonal; TableForm.TwoNumbers; TableForm.Nothing ]

    let private letterForms = [
        TableForm.Rank 2
        TableForm.Rank 1
        TableForm.Diagonal
        TableForm.TwoNumbers
        TableForm.OverQueries
        TableForm.OverKeys
        TableForm.Nothing
    ]

    let private mixedForms = [ TableForm.OverLetters; TableForm.OverPositions; TableForm.Nothing ]

    let private without inputs = AttentionForm.Scored(Set inputs, Replacement.Mean, false, false)

    let private attentionForms (task: Task) (a: Architecture) = [
        without [ ScoreInput.QueryLetter ]
        without [ ScoreInput.KeyLetter ]

        // Rotary positions cannot be taken away.
        if Parts.areSums a then
            without [ ScoreInput.QueryPosition ]
            without [ ScoreInput.KeyPosition ]
            without [ ScoreInput.QueryPosition; ScoreInput.KeyPosition ]
            AttentionForm.OwnLetters

        AttentionForm.Averaged
        AttentionForm.Scored(Set.empty, Replacement.Mean, true, true)
        AttentionForm.Rule(AttentionRule.Back 1)

        match Tasks.repetition task with
        | Some r when r.BlockLength > 2 -> AttentionForm.Rule(AttentionRule.Back(r.BlockLength - 1))
        | _ -> ()

        AttentionForm.Rule AttentionRule.SameLetter
        AttentionForm.Rule AttentionRule.AfterLastMatch
        AttentionForm.Rule AttentionRule.AfterFirstMatch
        AttentionForm.Rule AttentionRule.Uniform
    ]

    /// What a step may do, in the order that settles ties.
    let internal moves (task: Task) (a: Architecture) : Clause list = [
        for form in directForms do
            Clause.Direct form

        for heads in groups a do
            for form in pathForms do
                Clause.OV([ heads ], form)

        // There are many of these, and what is kept of one is soon one number a letter.
        for path in longer a do
            for form in [ TableForm.Diagonal; TableForm.TwoNumbers; TableForm.Nothing ] do
                Clause.OV(path, form)

        for heads in groups a do
            for form in attentionForms task a do
                Clause.Attention(heads, form, None)

        if Parts.areSums a then
            for heads in groups a do
                let sources = [
                    ScoreSource.Letters

                    // One by one only where there is a choice.
                    match heads.Layers with
                    | Which.One number when number > 0 ->
                        ScoreSource.Embed

                        for earlier in 0 .. number - 1 do
                            for head in ofLayer a earlier do
                                ScoreSource.Through [ head ]
                    | _ -> ()
                ]

                for source in sources do
                    for form in letterForms do
                        if source = ScoreSource.Letters then
                            Clause.QK(heads, source, source, form, None)
                        else
                            Clause.QK(heads, source, ScoreSource.Letters, form, None)
                            Clause.QK(heads, ScoreSource.Letters, source, form, None)

                    if Parts.havePositions a then
                        for form in mixedForms do
                            Clause.QK(heads, source, ScoreSource.Pos, form, None)
                            Clause.QK(heads, ScoreSource.Pos, source, form, None)
    ]

    /// One state of the search.
    [<NoEquality; NoComparison>]
    type private State = {
        Clauses: Clause list
        /// What the clauses say, and what of that is used.
        Said: Parts
        Parts: Parts
        Numbers: int64
        Explained: float
    }

    /// A clause put behind others, without those of its own kind and part that it replaces word for word.
    let internal put (clauses: Clause list) (clause: Clause) : Clause list =
        let part (clause: Clause) =
            match clause with
            | Clause.Direct _ -> Clause.Direct TableForm.Exact
            | Clause.OV(path, _) -> Clause.OV(path, TableForm.Exact)
            | Clause.QK(head, query, key, _, by) -> Clause.QK(head, query, key, TableForm.Exact, by)
            | Clause.Attention(head, _, by) -> Clause.Attention(head, AttentionForm.Exact, by)
            | Clause.Cut _ -> clause

        (clauses |> List.filter (fun other -> part other <> part clause)) @ [ clause ]

    /// A clause of all heads of its layer.
    let private ofAll (clause: Clause) : Clause =
        let wide (heads: Heads) = { heads with Numbers = Which.Every }

        match clause with
        | Clause.OV(path, form) -> Clause.OV(List.map wide path, form)
        | Clause.QK(head, query, key, form, by) -> Clause.QK(wide head, query, key, form, by)
        | Clause.Attention(head, form, by) -> Clause.Attention(wide head, form, by)
        | clause -> clause

    /// The same said in fewer clauses: of all heads at once where all are of one form, and nothing that others say again.
    let internal shortest (a: Architecture) (clauses: Clause list) : Clause list =
        let parts = Parts.expand a { Clauses = clauses }
        let says clauses = Parts.expand a { Clauses = clauses } = parts

        let without clauses place = List.removeAt place clauses

        let rec drop place clauses =
            if place >= List.length clauses then clauses
            elif says (without clauses place) then drop place (without clauses place)
            else drop (place + 1) clauses

        let rec join (clauses: Clause list) place =
            if place >= clauses.Length then
                clauses
            else
                let wide = ofAll clauses[place]

                let joined =
                    clauses
                    |> List.indexed
                    |> List.choose (fun (i, clause) ->
                        if i = place then Some wide
                        elif ofAll clause = wide then None
                        else Some clause)

                if joined <> clauses && says joined then
                    join joined (place + 1)
                else
                    join clauses (place + 1)

        join (drop 0 clauses) 0

    /// Without states that a later one explains more than, with fewer numbers.
    let rec private worthwhile (states: State list) : State list =
        match states with
        | state :: rest when rest |> List.exists (fun later -> later.Explained >= state.Explained) -> worthwhile rest
        | state :: rest -> state :: worthwhile rest
        | [] -> []

    /// The explanations of a model from the exact one down to what keeps no numbers, by greedy search on a bench; but those that one with fewer numbers
    /// does better than. What a move costs is taken from an
    /// earlier step until it comes to the front, as costs change little from one step to the next ("lazy" greedy search, Minoux 1978). `told` is
    /// shown the numbers that are still kept, and the model's own.
    let internal search (bench: Bench) (told: int64 -> int64 -> unit) : Explanation list =
        let a = bench.Terms.Architecture
        let share parts = Bench.prepare bench parts |> Bench.explained bench

        let exact = Parts.expand a { Clauses = [] }
        let own = NumbersKept.ofParts exact

        // What each move cost for each number saved when it was last tried.
        let costs = Dictionary<int, float>()
        let moves = moves bench.Task a |> List.toArray

        /// What a move leads to from a state, where it saves numbers; what that explains is not known yet.
        let after state move =
            // A clause that it replaces word for word was of the same parts, so it need not be taken back first.
            let said = Parts.add a state.Said moves[move]
            let parts = Parts.used said
            let numbers = NumbersKept.ofParts parts

            if numbers < state.Numbers then
                Some {
                    Clauses = put state.Clauses moves[move]
                    Said = said
                    Parts = parts
                    Numbers = numbers
                    Explained = nan
                }
            else
                None

        let known move =
            match costs.TryGetValue move with
            | true, cost -> cost
            | _ -> -infinity

        let step state =
            let cheaper best cost move =
                match best with
                | None -> true
                | Some(other, least, _) -> cost < least || (cost = least && move < other)

            let rec look best candidates =
                match candidates, best with
                | [], _ -> best
                | move :: _, Some(_, least, _) when known move > least -> best
                | move :: rest, _ ->
                    match after state move with
                    | None -> look best rest
                    | Some next ->
                        let next = { next with Explained = share next.Parts }
                        let cost = (state.Explained - next.Explained) / float (state.Numbers - next.Numbers)
                        costs[move] <- cost
                        look (if cheaper best cost move then Some(move, cost, next) else best) rest

            // Stable, so that ties stay in the listed order; what was never tried comes first.
            List.init moves.Length id |> List.sortBy known |> look None |> Option.map (fun (_, _, next) -> next)

        let rec down state =
            told state.Numbers own

            state
            :: (match step state with
                | Some next -> down next
                | None -> [])

        down { Clauses = []; Said = exact; Parts = exact; Numbers = own; Explained = 1.0 }
        |> worthwhile
        |> List.map (fun state -> { Clauses = shortest a state.Clauses })

    /// The explanations of a model from the exact one down to what keeps no numbers, but those that one with fewer numbers does better than, searched on
    /// 500 sequences of the task; `told` is shown the numbers that are still kept, and the model's own.
    let ofModel threads (task: Task) positions (model: Model<Tensor>) (seed: uint64) told : Explanation list =
        let terms = Terms.ofModel positions model
        search (Bench.make threads task terms { Sequences = searched; Seed = seed + 4UL }) told
