namespace Interp

/// Which of the study's models a claim is about.
[<StructuredFormatDisplay("{Display}")>]
type Variant =
    /// One layer, plain keys.
    | Plain
    /// One layer, smeared keys.
    | Smeared
    /// Two layers, plain keys.
    | TwoLayer

    member internal this.Display = Display.line (this.ToString())

    /// "plain", "smeared", "two-layer"
    override this.ToString() =
        match this with
        | Plain -> "plain"
        | Smeared -> "smeared"
        | TwoLayer -> "two-layer"

/// The study's models.
[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Variant =

    /// The variant that has this shape, where it is one of the study's.
    let ofArchitecture (a: Architecture) : Variant option =
        match a.NLayers, a.Positions, a.Smear with
        | 1, Positions.Study, Smear.Neither -> Some Plain
        | 1, Positions.Study, Smear.Keys -> Some Smeared
        | 2, Positions.Study, Smear.Neither -> Some TwoLayer
        | _ -> None
