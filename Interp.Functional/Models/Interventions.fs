namespace Interp

open System
open System.Globalization

/// What a head reads through one of its three matrices.
[<StructuredFormatDisplay("{Display}")>]
type HeadInput =
    /// What it reads through W_Q.
    | QueryInput
    /// What it reads through W_K.
    | KeyInput
    /// What it reads through W_V.
    | ValueInput

    member internal this.Display = Display.line (this.ToString())

    /// "q", "k" or "v"
    override this.ToString() =
        match this with
        | QueryInput -> "q"
        | KeyInput -> "k"
        | ValueInput -> "v"

/// A place in the forward pass. TransformerLens' names are given beside.
[<StructuredFormatDisplay("{Display}")>]
type Site =
    /// The residual stream before a layer, or behind the last one: [pos, d_model] (hook_resid_pre, hook_resid_post)
    | ResidualAt of layer: int
    /// A head's query, smeared, before positions are put to it: [pos, d_head] (hook_q)
    | QueryAt of HeadAddress
    /// A head's key, smeared, before positions are put to it: [pos, d_head] (hook_k)
    | KeyAt of HeadAddress
    /// A head's value: [pos, d_head] (hook_v)
    | ValueAt of HeadAddress
    /// A head's attention after softmax: [pos, key_pos] (hook_pattern)
    | PatternAt of HeadAddress
    /// The values a head has mixed, before W_O: [pos, d_head] (hook_z)
    | OutputAt of HeadAddress

    member internal this.Display = Display.line (this.ToString())

    override this.ToString() =
        match this with
        | ResidualAt layer -> $"residual {layer}"
        | QueryAt head -> $"q {head}"
        | KeyAt head -> $"k {head}"
        | ValueAt head -> $"v {head}"
        | PatternAt head -> $"pattern {head}"
        | OutputAt head -> $"z {head}"

/// Something done to a model while it runs, as a value: it can be printed, compared, parsed and stored beside its result.
[<StructuredFormatDisplay("{Display}")>]
type Intervention =
    /// The head writes nothing.
    | ZeroAblate of HeadAddress
    /// The head writes, at each position, its mean over the reference sequences.
    | MeanAblate of HeadAddress * Reference
    /// The head writes what it writes for another sequence, drawn with the seed.
    | ResampleAblate of HeadAddress * seed: uint64
    /// The activation of a text's own run takes the place of this run's, at one position or at all of them.
    | Patch of Site * position: int option * source: Tokens
    /// The head keeps the pattern it has without any intervention.
    | FreezePattern of HeadAddress
    /// The vector [d_model] is added to the residual stream at every position before a layer.
    | AddToResidual of layer: int * vector: float list
    /// The head's query, key or value does not read what the component wrote.
    | Cut of Component * HeadAddress * HeadInput

    member internal this.Display = Display.line (this.ToString())

    override this.ToString() =
        match this with
        | ZeroAblate head -> $"zero {head}"
        | MeanAblate(head, reference) -> $"mean {head} over {reference}"
        | ResampleAblate(head, seed) -> $"resample {head} with seed {seed}"
        | Patch(site, None, source) -> $"patch {site} from {Letters.toText source}"
        | Patch(site, Some position, source) -> $"patch {site} at {position} from {Letters.toText source}"
        | FreezePattern head -> $"freeze {head}"
        | AddToResidual(layer, vector) ->
            // A negative zero is the same number under another name, which is not read.
            let number x = (x + 0.0).ToString("R", CultureInfo.InvariantCulture)
            let numbers = vector |> List.map number |> String.concat ","

            $"add {numbers} to residual {layer}"
        | Cut(source, head, input) -> $"cut {source} -> {head}.{input}"

/// A way to write an intervention.
type InterventionForm = {
    /// As "zero HEAD".
    Form: string
    /// What it does.
    Meaning: string
    /// Texts that are read.
    Examples: string list
}

/// Interventions as text.
module Intervention =

    /// Every way to write one. HEAD is LAYER.HEAD, counted from 0.
    let forms: InterventionForm list = [
        for form, meaning, examples in
            [
                "zero HEAD", "the head writes nothing", [ "zero 0.1" ]
                "mean HEAD over N sequences of seed S",
                "the head writes, at each position, what it does in the mean over N held-out sequences",
                [ "mean 0.1 over 256 sequences of seed 7" ]
                "resample HEAD with seed S",
                "the head writes what it does for another sequence, drawn with the seed",
                [ "resample 0.1 with seed 7" ]
                "freeze HEAD",
                "the head keeps the pattern that it has where nothing is done to the model",
                [ "freeze 1.0" ]
                "patch PLACE from TEXT",
                "what stands there in the text's own run takes the place of this run's, at every position or at one; a place is residual LAYER (before a layer, or behind the last), or q, k, v, pattern or z with a HEAD",
                [ "patch pattern 0.1 from ABCDEF"; "patch z 0.1 at 5 from ABCDEF"; "patch residual 1 from ABCDEF" ]
                "add NUMBERS to residual LAYER",
                "the vector, of d_model numbers, is added to the residual stream at every position",
                [ "add 0.5,-1 to residual 1" ]
                "cut SOURCE -> HEAD.INPUT",
                "the head's q, k or v does not read what an earlier head, the embedding or positions have written",
                [ "cut 0.2 -> 1.3.k"; "cut embedding -> 0.1.v"; "cut positions -> 0.1.q" ]
            ] -> { Form = form; Meaning = meaning; Examples = examples }
    ]

    let private nameOf (form: InterventionForm) = (form.Form.Split ' ')[0]

    /// What is wrong with a text that is none, with the form that it comes nearest to.
    let private noIntervention (text: string) : string =
        let quoted = $"\"{Quote.line text}\" is not an intervention"
        let names = forms |> List.map nameOf
        let first = (text.TrimStart ' ').Split(' ')[0]

        let form name =
            let form = forms |> List.find (fun form -> nameOf form = name)
            $"\"{form.Form}\", for example \"{form.Examples.Head}\""

        // A short word is near to any other.
        let near =
            names |> List.filter (fun name -> not (Spelling.within (name.Length / 2) [ name ] first).IsEmpty)

        match near with
        | [] ->
            let all = names |> List.truncate (names.Length - 1) |> String.concat ", "

            $"{quoted}: expected {all} or {List.last names}, for example \"zero 0.1\" or \"cut 0.2 -> 1.3.k\"."
        | near when List.contains first near -> $"{quoted}: expected {form first}."
        | near -> $"{quoted}: the nearest form is {form (Spelling.nearest near first).Head}."

    let private (|Number|_|) text = Numbers.whole text |> Option.filter (fun n -> n >= 0)
    let private (|Seed|_|) text = Numbers.natural text

    let private (|Head|_|) (text: string) =
        match text.Split '.' with
        | [| Number layer; Number head |] -> Some { Layer = layer; Head = head }
        | _ -> None

    let private (|Vector|_|) (text: string) =
        let numbers = text.Split ',' |> Array.map Numbers.real

        if numbers |> Array.forall Option.isSome then
            Some(numbers |> Array.choose id |> Array.toList)
        else
            None

    let private (|Source|_|) text =
        match text with
        | "embedding" -> Some Embedding
        | "positions" -> Some PositionEmbedding
        | Head head -> Some(HeadOutput head)
        | _ -> None

    let private (|Target|_|) (text: string) =
        match text.LastIndexOf '.' with
        | -1 -> None
        | dot ->
            match text.Substring(0, dot), text.Substring(dot + 1) with
            | Head head, "q" -> Some(head, QueryInput)
            | Head head, "k" -> Some(head, KeyInput)
            | Head head, "v" -> Some(head, ValueInput)
            | _ -> None

    let private (|At|_|) words =
        match words with
        | "residual", Number layer -> Some(ResidualAt layer)
        | "q", Head head -> Some(QueryAt head)
        | "k", Head head -> Some(KeyAt head)
        | "v", Head head -> Some(ValueAt head)
        | "pattern", Head head -> Some(PatternAt head)
        | "z", Head head -> Some(OutputAt head)
        | _ -> None

    // Those whose names can be misspelt.
    let private named = [ "residual"; "pattern" ]

    let private patch kind where position letters =
        match (kind, where) with
        | At site -> Letters.ofText Letters.count letters |> Result.map (fun source -> Patch(site, position, source))
        | _ ->
            let near = if List.contains kind named then [] else Spelling.within 2 named kind

            match near with
            | meant :: _ ->
                Error $"\"{Quote.text kind} {Quote.text where}\" is not a place: \"{meant}\" may have been meant."
            | [] ->
                Error
                    $"\"{Quote.text kind} {Quote.text where}\" is not a place: expected residual N, or q, k, v, pattern or z with LAYER.HEAD."

    /// Reads what `string` prints: "zero 0.1", "mean 0.1 over 256 sequences of seed 7", "resample 0.1 with seed 7",
    /// "patch pattern 0.1 from ABCDEF", "patch z 0.1 at 5 from ABCDEF", "freeze 0.1", "add 0.5,-1 to residual 1", "cut 0.2 -> 1.3.k".
    let parse (text: string) : Result<Intervention, string> =
        match text.Split(' ', StringSplitOptions.RemoveEmptyEntries) |> Array.toList with
        | [ "zero"; Head head ] -> Ok(ZeroAblate head)
        | [ "mean"; Head head; "over"; Number sequences; "sequences"; "of"; "seed"; Seed seed ] when sequences > 0 ->
            Ok(MeanAblate(head, { Sequences = sequences; Seed = seed }))
        | [ "resample"; Head head; "with"; "seed"; Seed seed ] -> Ok(ResampleAblate(head, seed))
        | [ "patch"; kind; where; "from"; letters ] -> patch kind where None letters
        | [ "patch"; kind; where; "at"; Number position; "from"; letters ] -> patch kind where (Some position) letters
        | [ "freeze"; Head head ] -> Ok(FreezePattern head)
        | [ "add"; Vector vector; "to"; "residual"; Number layer ] -> Ok(AddToResidual(layer, vector))
        | [ "cut"; Source source; "->"; Target(head, input) ] -> Ok(Cut(source, head, input))
        | _ -> Error(noIntervention text)

/// Interventions with their data at hand, as the forward function takes them. A script may put any pure function at a site. A place
/// that the model does not have raises `RefusedException` when it runs, an activation of another shape `ArgumentException`.
[<StructuredFormatDisplay("{Display}")>]
type Edits = {
    /// What no head reads: component, head, input.
    Cuts: Set<Component * HeadAddress * HeadInput>
    /// Functions of the activation at a site, in order.
    At: (Site * (Tensor -> Tensor)) list
    /// Vectors [d_model] added to the residual stream before a layer.
    Added: (int * Tensor) list
} with

    member internal this.Display =
        Display.line
            $"edits: {this.Cuts.Count} cuts, functions at {this.At.Length} sites, {this.Added.Length} vectors added"


/// Edits put together.
module Edits =

    /// No edits: the model as it is.
    let none = { Cuts = Set.empty; At = []; Added = [] }

    /// `f` at a site.
    let at site f = { none with At = [ site, f ] }

    /// Both.
    let combine a b = { Cuts = a.Cuts + b.Cuts; At = a.At @ b.At; Added = a.Added @ b.Added }

    /// The functions at a site after one another, where there is one.
    let internal find site edits =
        match edits.At |> List.filter (fst >> (=) site) with
        | [] -> None
        | found -> Some(fun x -> List.fold (fun value (_, f) -> f value) x found)

    /// Raises `RefusedException` where a model of so many layers and heads has not the site.
    let internal checkSite (layers: int) (heads: int) site =
        match site with
        | ResidualAt layer when layer < 0 || layer > layers ->
            Refused.because $"Residual stream {layer} does not exist; the model has 0 to {layers}."
        | ResidualAt _ -> ()
        | QueryAt head
        | KeyAt head
        | ValueAt head
        | PatternAt head
        | OutputAt head -> Model.checkHead layers heads head

    let private checkCut (model: Model<Tensor>) layers heads (source, head: HeadAddress, _) =
        match source with
        | HeadOutput earlier -> Model.checkReads layers heads earlier head
        | Embedding -> Model.checkHead layers heads head
        | PositionEmbedding ->
            Model.checkHead layers heads head

            if model.W_pos.IsNone then
                Refused.because
                    $"There are no positions in the residual stream to cut: the model's positions are {model.Positions}, expected {Positions.Standard}."

    /// Raises `RefusedException` where the model has not a place that an edit names.
    let internal check (model: Model<Tensor>) edits =
        let layers = model.Blocks.Length
        let struct (heads, _) = Model.headShape model
        edits.At |> List.iter (fst >> checkSite layers heads)
        edits.Added |> List.iter (fst >> ResidualAt >> checkSite layers heads)
        edits.Cuts |> Set.iter (checkCut model layers heads)

    let private checkShape place (own: Tensor) (edited: Tensor) =
        if edited.Shape <> own.Shape then
            Shape.fail
                $"The activation at {place} has shape {Shape.show own.Shape}, its replacement {Shape.show edited.Shape}."

    /// The activation of each head of a layer's [head, pos, ..] with its edits applied; none where no head has any.
    let internal each layer site edits (x: Tensor) : Tensor list option =
        let found = List.init x.Shape.Head (fun head -> find (site { Layer = layer; Head = head }) edits)

        if List.forall Option.isNone found then
            None
        else
            found
            |> List.mapi (fun head edit ->
                let own = Tensor.select 0 head x
                let edited = Option.defaultValue id edit own
                checkShape (site { Layer = layer; Head = head }) own edited
                edited)
            |> Some

    /// A layer's activation [head, pos, ..] with each head's edits applied.
    let internal heads layer site edits (x: Tensor) =
        each layer site edits x |> Option.map Tensor.stack |> Option.defaultValue x

    /// The stream before a layer with its edits applied. Where something is cut later on, parts must stay apart: a function's
    /// change is added to them. Else its value is the stream, to the bit; what changes nothing leaves the parts as they are.
    let internal residual layer edits stream =
        let edited =
            match find (ResidualAt layer) edits with
            | Some edit ->
                let value = Residual.value stream |> Option.get
                let edited = edit value
                checkShape (ResidualAt layer) value edited

                if edited = value then stream
                elif edits.Cuts.IsEmpty then Residual.replaced edited
                else Residual.add (edited - value) stream
            | None -> stream

        (edited, edits.Added)
        ||> List.fold (fun stream (at, vector: Tensor) ->
            if at <> layer then
                stream
            else
                let value = Residual.value stream |> Option.get

                if vector.Shape <> [ List.last value.Shape ] then
                    Shape.fail
                        $"The vector added to {ResidualAt layer} has shape {Shape.show vector.Shape}, expected [{List.last value.Shape}]."

                Residual.add (Arithmetic.broadcastTo value.Shape vector) stream)
